"""``greenroom doctor``: what support would ask for, a subject a file. Looks and asks, and changes nothing.

Every subject is asked at the same time and has a deadline of its own, so that a server that does not answer, or a
keyring that waits for somebody, keeps nobody waiting.
"""
