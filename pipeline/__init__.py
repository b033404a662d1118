"""How the data moves, step by step: `consolidate` tells the story, each other module is one step of it."""
