"""
How fast the platform is, as ratios against floors: `python3 dev.py benchmark`.

Both sides of a ratio run in turns in one run, and what is compared is CPU, of the application and of
PostgreSQL's backends: a noisy machine then spoils little.
"""
