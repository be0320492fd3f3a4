"""How Greenroom is packed for people without Python: what ``build.spec`` (``make package``) puts together.

Used while building only; nothing here is shipped. ``docs/packaging.md`` describes what comes out.
"""
