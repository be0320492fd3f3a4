-- step: Who may call what
-- The functions run with their owner's rights: only who is granted them may call them.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA greenroom FROM PUBLIC;
-- What triggers run as the writer needs is not a privilege: it only computes from its arguments.
GRANT EXECUTE ON FUNCTION greenroom.fold(text), greenroom.holds_seat(text) TO PUBLIC;
GRANT USAGE ON SCHEMA greenroom TO PUBLIC;
