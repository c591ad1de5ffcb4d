"""The messages and their types, a class each, with the names that the specifications give them.

Written by the generator from the XSDs (``v2x exi tables``), a module a family of namespaces. A field for an element that others may
stand for has the name of the declared element, and the class of its value tells which element it is. Values that may be absent are
None then; an empty value is not an absent one. What no fixed set of fields can hold (in XML signatures) is a list, ``content``.
"""
