"""Makes the grammar tables and the message classes from the XSDs.

The XSDs are not part of this project (their licence allows use, not redistribution). They come from a folder, or from the wheel
of the PyPI package ``iso15118``, unpacked or not; what is made of them is committed, and checked for freshness where they are
at hand.
"""
