"""What is true of the data: campaign, registry, tally, findings, totals. Imports nothing of pipeline/."""
