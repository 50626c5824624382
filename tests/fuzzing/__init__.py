"""
The whole description of the API against the running product, as each role: `dev.py fuzz`.

Schemathesis makes requests of the schema, right ones and wrong ones; `fitting` puts in ids, dates and
numbers that fit what was seen in earlier answers, so that they get past the first refusal; `checks`
says what is wrong with an answer.
"""
