-- `finding` has three more values, so that a process that is killed asks nobody again who had answered: asked (the question was about to be
-- sent, and no reply is known), maybe_unknown and maybe_disabled (a refusal that counts once the host has accepted somebody after it).
-- How many RCPT commands the session had sent when the host refused the address. Null unless the refusal is to be confirmed.
ALTER TABLE mailbox_proofs ADD COLUMN position INTEGER;
