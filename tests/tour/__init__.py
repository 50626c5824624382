"""
The tour: one story played against a running platform over HTTP, every figure checked.

The story and its expected figures are in this package and nowhere else: `figures` works them out
from what happens in the story, by its own plain arithmetic, never from the platform's answers.
"""
