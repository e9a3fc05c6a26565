CREATE TYPE public.membership AS ENUM (
    'join',
    'leave',
    'invite',
    'ban',
    'knock'
);

CREATE TABLE public.backfill_task (
    bridge_id text NOT NULL,
    portal_id text NOT NULL,
    portal_receiver text NOT NULL,
    user_login_id text NOT NULL,
    batch_count integer NOT NULL,
    is_done boolean NOT NULL,
    queue_done boolean DEFAULT false NOT NULL,
    cursor text,
    oldest_message_id text,
    dispatched_at bigint,
    completed_at bigint,
    next_dispatch_min_ts bigint NOT NULL
);

CREATE TABLE public.crypto_account (
    account_id text NOT NULL,
    device_id text NOT NULL,
    shared boolean NOT NULL,
    sync_token text NOT NULL,
    account bytea NOT NULL,
    key_backup_version text DEFAULT ''::text NOT NULL
);

CREATE TABLE public.crypto_cross_signing_keys (
    user_id text NOT NULL,
    usage text NOT NULL,
    key character(43) NOT NULL,
    first_seen_key character(43) NOT NULL
);

CREATE TABLE public.crypto_cross_signing_signatures (
    signed_user_id text NOT NULL,
    signed_key text NOT NULL,
    signer_user_id text NOT NULL,
    signer_key text NOT NULL,
    signature character(88) NOT NULL
);

CREATE TABLE public.crypto_device (
    user_id text NOT NULL,
    device_id text NOT NULL,
    identity_key character(43) NOT NULL,
    signing_key character(43) NOT NULL,
    trust smallint NOT NULL,
    deleted boolean NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.crypto_megolm_inbound_session (
    account_id text NOT NULL,
    session_id character(43) NOT NULL,
    sender_key character(43) NOT NULL,
    signing_key character(43),
    room_id text NOT NULL,
    session bytea,
    forwarding_chains bytea,
    shared_history boolean,
    withheld_code text,
    withheld_reason text,
    ratchet_safety jsonb,
    received_at timestamp without time zone,
    max_age bigint,
    max_messages integer,
    is_scheduled boolean DEFAULT false NOT NULL,
    key_backup_version text DEFAULT ''::text NOT NULL,
    key_source text DEFAULT ''::text NOT NULL,
    source_user text DEFAULT ''::text NOT NULL
);

CREATE TABLE public.crypto_megolm_outbound_session (
    account_id text NOT NULL,
    room_id text NOT NULL,
    session_id character(43) NOT NULL,
    session bytea NOT NULL,
    shared boolean NOT NULL,
    max_messages integer NOT NULL,
    message_count integer NOT NULL,
    max_age bigint NOT NULL,
    shared_history boolean,
    created_at timestamp without time zone NOT NULL,
    last_used timestamp without time zone NOT NULL
);

CREATE TABLE public.crypto_megolm_outbound_session_shared (
    user_id text NOT NULL,
    identity_key character(43) NOT NULL,
    session_id character(43) NOT NULL
);

CREATE TABLE public.crypto_message_index (
    session_id character(43) NOT NULL,
    index integer NOT NULL,
    event_id text NOT NULL,
    "timestamp" bigint NOT NULL
);

CREATE TABLE public.crypto_olm_message_hash (
    account_id text NOT NULL,
    received_at bigint NOT NULL,
    message_hash bytea NOT NULL
);

CREATE TABLE public.crypto_olm_session (
    account_id text NOT NULL,
    session_id character(43) NOT NULL,
    sender_key character(43) NOT NULL,
    session bytea NOT NULL,
    created_at timestamp without time zone NOT NULL,
    last_decrypted timestamp without time zone NOT NULL,
    last_encrypted timestamp without time zone NOT NULL
);

CREATE TABLE public.crypto_secrets (
    account_id text NOT NULL,
    name text NOT NULL,
    secret bytea NOT NULL
);

CREATE TABLE public.crypto_tracked_user (
    user_id text NOT NULL,
    devices_outdated boolean DEFAULT false NOT NULL
);

CREATE TABLE public.crypto_version (
    version integer,
    compat integer
);

CREATE TABLE public.database_owner (
    key integer DEFAULT 0 NOT NULL,
    owner text NOT NULL
);

CREATE TABLE public.disappearing_message (
    bridge_id text NOT NULL,
    mx_room text NOT NULL,
    mxid text NOT NULL,
    "timestamp" bigint DEFAULT 0 NOT NULL,
    type text NOT NULL,
    timer bigint NOT NULL,
    disappear_at bigint
);

CREATE TABLE public.ghost (
    bridge_id text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    avatar_id text NOT NULL,
    avatar_hash text NOT NULL,
    avatar_mxc text NOT NULL,
    name_set boolean NOT NULL,
    avatar_set boolean NOT NULL,
    contact_info_set boolean NOT NULL,
    is_bot boolean NOT NULL,
    identifiers jsonb NOT NULL,
    extra_profile jsonb,
    metadata jsonb NOT NULL
);

CREATE TABLE public.kv_store (
    bridge_id text NOT NULL,
    key text NOT NULL,
    value text NOT NULL
);

CREATE TABLE public.message (
    rowid bigint NOT NULL,
    bridge_id text NOT NULL,
    id text NOT NULL,
    part_id text NOT NULL,
    mxid text NOT NULL,
    room_id text NOT NULL,
    room_receiver text NOT NULL,
    sender_id text NOT NULL,
    sender_mxid text NOT NULL,
    "timestamp" bigint NOT NULL,
    edit_count integer NOT NULL,
    double_puppeted boolean,
    thread_root_id text,
    reply_to_id text,
    reply_to_part_id text,
    send_txn_id text,
    metadata jsonb NOT NULL
);

ALTER TABLE public.message ALTER COLUMN rowid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.message_rowid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mx_registrations (
    user_id text NOT NULL
);

CREATE TABLE public.mx_room_state (
    room_id text NOT NULL,
    power_levels jsonb,
    encryption jsonb,
    create_event jsonb,
    join_rules jsonb,
    history_visibility jsonb,
    members_fetched boolean DEFAULT false NOT NULL
);

CREATE TABLE public.mx_user_profile (
    room_id text NOT NULL,
    user_id text NOT NULL,
    membership public.membership NOT NULL,
    displayname text DEFAULT ''::text NOT NULL,
    avatar_url text DEFAULT ''::text NOT NULL,
    name_skeleton bytea
);

CREATE TABLE public.mx_version (
    version integer,
    compat integer
);

CREATE TABLE public.portal (
    bridge_id text NOT NULL,
    id text NOT NULL,
    receiver text NOT NULL,
    mxid text,
    parent_id text,
    parent_receiver text DEFAULT ''::text NOT NULL,
    relay_bridge_id text,
    relay_login_id text,
    other_user_id text,
    name text NOT NULL,
    topic text NOT NULL,
    avatar_id text NOT NULL,
    avatar_hash text NOT NULL,
    avatar_mxc text NOT NULL,
    name_set boolean NOT NULL,
    avatar_set boolean NOT NULL,
    topic_set boolean NOT NULL,
    name_is_custom boolean DEFAULT false NOT NULL,
    in_space boolean NOT NULL,
    message_request boolean DEFAULT false NOT NULL,
    room_type text NOT NULL,
    disappear_type text,
    disappear_timer bigint,
    cap_state jsonb,
    metadata jsonb NOT NULL
);

CREATE TABLE public.pu_agent (
    user_id text NOT NULL
);

CREATE TABLE public.pu_audit (
    id bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    object_id text NOT NULL,
    before text NOT NULL,
    after text NOT NULL
);

ALTER TABLE public.pu_audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pu_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pu_availability (
    agent text NOT NULL,
    said text DEFAULT ''::text NOT NULL,
    presence text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    since bigint NOT NULL,
    given_at bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.pu_canned_response (
    team text DEFAULT ''::text NOT NULL,
    short_code text NOT NULL,
    content text NOT NULL,
    changed_by text NOT NULL,
    changed_at bigint NOT NULL
);

CREATE TABLE public.pu_closing (
    conversation text NOT NULL,
    at bigint NOT NULL,
    agent text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    summary text DEFAULT ''::text NOT NULL,
    score integer,
    feedback text DEFAULT ''::text NOT NULL,
    asked_at bigint,
    survey bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.pu_consent (
    id bigint NOT NULL,
    source text NOT NULL,
    key text NOT NULL,
    customer text NOT NULL,
    network text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    basis text DEFAULT ''::text NOT NULL,
    event_id text DEFAULT ''::text NOT NULL,
    conversation text DEFAULT ''::text NOT NULL,
    actor text NOT NULL,
    at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    CONSTRAINT pu_consent_source_check CHECK ((source = ANY (ARRAY['keyword'::text, 'preference'::text, 'provider'::text, 'agent'::text, 'import'::text, 'api'::text]))),
    CONSTRAINT pu_consent_state_check CHECK ((state = ANY (ARRAY['in'::text, 'out'::text])))
);

ALTER TABLE public.pu_consent ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pu_consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pu_consent_move (
    customer text NOT NULL,
    survivor text NOT NULL,
    moved_at bigint NOT NULL
);

CREATE TABLE public.pu_contact (
    network text NOT NULL,
    person text NOT NULL,
    customer text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE public.pu_conversation (
    id text NOT NULL,
    network text NOT NULL,
    account text NOT NULL,
    chat text NOT NULL,
    room_id text NOT NULL,
    customer text DEFAULT ''::text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    status text NOT NULL,
    snoozed_until bigint,
    assignee text DEFAULT ''::text NOT NULL,
    assigned_at bigint,
    team text DEFAULT ''::text NOT NULL,
    priority text DEFAULT ''::text NOT NULL,
    labels text DEFAULT ''::text NOT NULL,
    waiting_since bigint,
    warned_at bigint,
    opened_at bigint NOT NULL,
    answered_at bigint,
    resolved_at bigint,
    last_in_at bigint,
    last_out_at bigint,
    created_at bigint NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    shown bigint DEFAULT 0 NOT NULL,
    changed_at bigint NOT NULL,
    CONSTRAINT pu_conversation_status_check CHECK ((status = ANY (ARRAY['open'::text, 'pending'::text, 'snoozed'::text, 'resolved'::text])))
);

CREATE TABLE public.pu_customer (
    id text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    named_by text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    attributes text DEFAULT '{}'::text NOT NULL,
    preferred text DEFAULT ''::text NOT NULL,
    preferred_by text DEFAULT ''::text NOT NULL,
    blocked_at bigint,
    merged_into text DEFAULT ''::text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    search text DEFAULT ''::text NOT NULL
);

CREATE TABLE public.pu_customer_key (
    customer text NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    CONSTRAINT pu_customer_key_kind_check CHECK ((kind = ANY (ARRAY['name'::text, 'phone'::text, 'email'::text])))
);

CREATE TABLE public.pu_customer_label (
    customer text NOT NULL,
    label text NOT NULL
);

CREATE TABLE public.pu_face (
    room_id text NOT NULL,
    card_event text DEFAULT ''::text NOT NULL,
    card_edits bigint DEFAULT 0 NOT NULL,
    card text DEFAULT ''::text NOT NULL,
    pinned text DEFAULT ''::text NOT NULL,
    topic text DEFAULT ''::text NOT NULL,
    facts text DEFAULT ''::text NOT NULL,
    buttons text DEFAULT ''::text NOT NULL
);

CREATE TABLE public.pu_fallback (
    original text NOT NULL,
    conversation text NOT NULL,
    copy text NOT NULL
);

CREATE TABLE public.pu_guest (
    conversation text NOT NULL,
    guest text NOT NULL,
    until bigint NOT NULL,
    invited_by text NOT NULL,
    invited_at bigint NOT NULL,
    ended_at bigint
);

CREATE TABLE public.pu_handle (
    network text NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    person text NOT NULL,
    updated_at bigint NOT NULL
);

CREATE TABLE public.pu_journal (
    id bigint NOT NULL,
    source text NOT NULL,
    key text,
    lane text NOT NULL,
    kind text NOT NULL,
    payload bytea NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at bigint NOT NULL,
    received_at bigint NOT NULL,
    retried_at bigint,
    finished_at bigint,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT pu_journal_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE public.pu_journal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pu_journal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pu_lease (
    id integer NOT NULL,
    holder text NOT NULL,
    taken_at bigint NOT NULL,
    CONSTRAINT pu_lease_id_check CHECK ((id = 1))
);

CREATE TABLE public.pu_link (
    id text NOT NULL,
    one text NOT NULL,
    other text NOT NULL,
    linked_by text NOT NULL,
    linked_at bigint NOT NULL,
    ended_by text DEFAULT ''::text NOT NULL,
    ended_at bigint
);

CREATE TABLE public.pu_link_copy (
    original text NOT NULL,
    link text NOT NULL,
    copy text NOT NULL
);

CREATE TABLE public.pu_merge (
    merged text NOT NULL,
    survivor text NOT NULL,
    merged_by text NOT NULL,
    merged_at bigint NOT NULL,
    moved text NOT NULL
);

CREATE TABLE public.pu_message (
    event_id text NOT NULL,
    conversation text NOT NULL,
    direction text NOT NULL,
    author text NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    state text DEFAULT ''::text NOT NULL,
    CONSTRAINT pu_message_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);

CREATE TABLE public.pu_note (
    event_id text NOT NULL,
    room_id text NOT NULL
);

CREATE TABLE public.pu_outcome (
    event_id text NOT NULL,
    room_id text NOT NULL,
    network text NOT NULL,
    network_message_id text,
    state text NOT NULL,
    attempt_started_at bigint,
    attempts integer DEFAULT 0 NOT NULL,
    updated_at bigint NOT NULL,
    reason text DEFAULT ''::text NOT NULL
);

CREATE TABLE public.pu_participant (
    conversation text NOT NULL,
    customer text NOT NULL,
    last_in_at bigint NOT NULL
);

CREATE TABLE public.pu_response (
    conversation text NOT NULL,
    kind text NOT NULL,
    began_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    business bigint NOT NULL,
    agent text NOT NULL,
    team text NOT NULL
);

CREATE TABLE public.pu_sync_position (
    user_id text NOT NULL,
    next_batch text NOT NULL,
    updated_at bigint NOT NULL
);

CREATE TABLE public.pu_version (
    version integer,
    compat integer
);

CREATE TABLE public.pu_view (
    key text NOT NULL,
    room_id text NOT NULL,
    name text NOT NULL,
    topic text NOT NULL,
    members text NOT NULL
);

CREATE TABLE public.pu_view_room (
    room_id text NOT NULL,
    view text NOT NULL,
    place text NOT NULL
);

CREATE TABLE public.public_media (
    bridge_id text NOT NULL,
    public_id text NOT NULL,
    mxc text NOT NULL,
    keys jsonb,
    mimetype text,
    expiry bigint
);

CREATE TABLE public.reaction (
    bridge_id text NOT NULL,
    message_id text NOT NULL,
    message_part_id text NOT NULL,
    sender_id text NOT NULL,
    sender_mxid text DEFAULT ''::text NOT NULL,
    emoji_id text NOT NULL,
    room_id text NOT NULL,
    room_receiver text NOT NULL,
    mxid text NOT NULL,
    "timestamp" bigint NOT NULL,
    emoji text NOT NULL,
    metadata jsonb NOT NULL
);

CREATE TABLE public."user" (
    bridge_id text NOT NULL,
    mxid text NOT NULL,
    management_room text,
    access_token text
);

CREATE TABLE public.user_login (
    bridge_id text NOT NULL,
    user_mxid text NOT NULL,
    id text NOT NULL,
    remote_name text NOT NULL,
    remote_profile jsonb,
    space_room text,
    metadata jsonb NOT NULL
);

CREATE TABLE public.user_portal (
    bridge_id text NOT NULL,
    user_mxid text NOT NULL,
    login_id text NOT NULL,
    portal_id text NOT NULL,
    portal_receiver text NOT NULL,
    in_space boolean NOT NULL,
    preferred boolean NOT NULL,
    last_read bigint
);

CREATE TABLE public.version (
    version integer,
    compat integer
);

INSERT INTO public.backfill_task VALUES ('red', 'chat-of-ana', 'account', 'account', 3, true, false, NULL, NULL, NULL, NULL, 9223372036854775807);

INSERT INTO public.crypto_account VALUES ('red', 'DEVICE', true, 's1', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', '');

INSERT INTO public.crypto_cross_signing_keys VALUES ('@alice:example.com', 'master', 'ggggggggggggggggggggggggggggggggggggggggggg', 'ggggggggggggggggggggggggggggggggggggggggggg');

INSERT INTO public.crypto_cross_signing_signatures VALUES ('@alice:example.com', 'ggggggggggggggggggggggggggggggggggggggggggg', '@puente_desk:example.com', 'hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh', 'iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiijjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj==');

INSERT INTO public.crypto_device VALUES ('@alice:example.com', 'PHONE', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'ccccccccccccccccccccccccccccccccccccccccccc', -100, false, 'Ana "Ñandú"	\N ''x''
second line 🙂');

INSERT INTO public.crypto_megolm_inbound_session VALUES ('red', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, '!room:example.com', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', NULL, NULL, NULL, NULL, '{"next_index": 1}', '2026-05-04 03:02:01.987654', 604800000, 100, false, '', '', '');

INSERT INTO public.crypto_megolm_outbound_session VALUES ('red', '!room:example.com', 'fffffffffffffffffffffffffffffffffffffffffff', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', true, 100, 3, 604800000, NULL, '2026-05-04 03:02:01.987654', '2026-05-04 03:02:01.987654');

INSERT INTO public.crypto_megolm_outbound_session_shared VALUES ('@alice:example.com', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'fffffffffffffffffffffffffffffffffffffffffff');

INSERT INTO public.crypto_message_index VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 7, '$one', 1700000000000);

INSERT INTO public.crypto_olm_message_hash VALUES ('red', 1700000000000, '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');

INSERT INTO public.crypto_olm_session VALUES ('red', 'ddddddddddddddddddddddddddddddddddddddddddd', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', '2026-05-04 03:02:01.987654', '2026-05-04 03:02:01.987654', '2026-05-04 03:02:01.987654');

INSERT INTO public.crypto_secrets VALUES ('red', 'm.megolm_backup.v1', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');

INSERT INTO public.crypto_tracked_user VALUES ('@alice:example.com', true);

INSERT INTO public.crypto_version VALUES (21, 20);

INSERT INTO public.database_owner VALUES (0, 'puente');

INSERT INTO public.disappearing_message VALUES ('red', '!room:example.com', '$one', 0, 'after_read', 60, 1700000060000);

INSERT INTO public.ghost VALUES ('red', 'ana', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '', '', true, false, true, false, '["tel:x"]', NULL, '{}');

INSERT INTO public.kv_store VALUES ('red', 'k', 'Ana "Ñandú"	\N ''x''
second line 🙂');

INSERT INTO public.message VALUES (1, 'red', 'm1', '', '$one', 'chat-of-ana', 'account', 'ana', '@puente_red_ana:example.com', 1700000000123456789, 0, NULL, NULL, NULL, NULL, NULL, '{}');
INSERT INTO public.message VALUES (2, 'red', 'm2', '', '$two', 'chat-of-ana', 'account', 'ana', '@puente_red_ana:example.com', 1700000000123456789, 0, NULL, NULL, 'm1', NULL, NULL, '{}');

INSERT INTO public.mx_registrations VALUES ('@puente_desk:example.com');

INSERT INTO public.mx_room_state VALUES ('!room:example.com', '{"users": {"@a:b": 100}}', NULL, NULL, NULL, NULL, true);

INSERT INTO public.mx_user_profile VALUES ('!room:example.com', '@puente_desk:example.com', 'join', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');

INSERT INTO public.mx_version VALUES (11, 3);

INSERT INTO public.portal VALUES ('red', 'parent', 'account', '!space:example.com', NULL, '', 'red', 'account', 'ana', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '', '', '', true, false, true, false, false, false, 'dm', NULL, NULL, NULL, '{"n": 12345678901234567890}');
INSERT INTO public.portal VALUES ('red', 'chat-of-ana', 'account', '!room:example.com', 'parent', 'account', 'red', 'account', 'ana', 'Ana "Ñandú"	\N ''x''
second line 🙂', '', '', '', '', true, false, true, false, false, false, 'dm', NULL, NULL, NULL, '{"n": 12345678901234567890}');

INSERT INTO public.pu_agent VALUES ('@alice:example.com');

INSERT INTO public.pu_audit OVERRIDING SYSTEM VALUE VALUES (1, 1700000000000, '@alice:example.com', 'conversation.assigned', 'conversation', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '{"assignee":""}', '{"assignee":"@alice:example.com"}');

INSERT INTO public.pu_availability VALUES ('@alice:example.com', 'busy', 'online', 'busy', 1700000000000, 1700000000000);

INSERT INTO public.pu_canned_response VALUES ('', 'hello', 'Ana "Ñandú"	\N ''x''
second line 🙂', '@alice:example.com', 1700000000000);

INSERT INTO public.pu_closing VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000, '@alice:example.com', 'refund', 'Ana "Ñandú"	\N ''x''
second line 🙂', 5, 'Ana "Ñandú"	\N ''x''
second line 🙂', 1700000000000, 0);

INSERT INTO public.pu_consent OVERRIDING SYSTEM VALUE VALUES (1, 'keyword', 'in:$stop', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', '', '', 'out', '', '$stop', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000, 1700000000000);

INSERT INTO public.pu_consent_move VALUES ('cus_6tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000);

INSERT INTO public.pu_contact VALUES ('red', 'ana', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana "Ñandú"	\N ''x''
second line 🙂', 1700000000000);

INSERT INTO public.pu_conversation VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'red', 'account', 'chat-of-ana', '!room:example.com', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana "Ñandú"	\N ''x''
second line 🙂', 'snoozed', 1700000000001, '@alice:example.com', 1700000000000, 'sales', 'high', 'refund vip', 1700000000000, NULL, 1700000000000, NULL, NULL, 1700000000000, NULL, 1700000000000, 4, 3, 1700000000000);

INSERT INTO public.pu_customer VALUES ('cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana "Ñandú"	\N ''x''
second line 🙂', '@alice:example.com', 'de-AT', '{"email":"ana@example.com"}', 'red', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', NULL, '', 1700000000000, 1700000000000, 'ana');
INSERT INTO public.pu_customer VALUES ('cus_6tmr2jd7wxqkq4gyb3ahn6zpvc', 'Ana', '', '', '{}', '', '', 1700000000000, 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000, 1700000000000, '');

INSERT INTO public.pu_customer_key VALUES ('cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'email', 'ana@example.com');

INSERT INTO public.pu_customer_label VALUES ('cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'vip');

INSERT INTO public.pu_face VALUES ('!room:example.com', '$card', 3, 'a1', '$card', 'b2', 'c3', '✋ ✅');

INSERT INTO public.pu_fallback VALUES ('$one', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '$elsewhere');

INSERT INTO public.pu_guest VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '@partner:example.org', 1700000000001, '@alice:example.com', 1700000000000, NULL);

INSERT INTO public.pu_handle VALUES ('red', 'user_id', 'US.1', 'ana', 1700000000000);

INSERT INTO public.pu_journal OVERRIDING SYSTEM VALUE VALUES (1, 'red', 'k1', 'lane', 'message', '\x', 'done', 1, 1700000000123, 1700000000000, NULL, 1700000000456, '');
INSERT INTO public.pu_journal OVERRIDING SYSTEM VALUE VALUES (2, 'red', 'k2', 'lane', 'message', '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'waiting', 1, 1700000000123, 1700000000000, NULL, NULL, '');
INSERT INTO public.pu_journal OVERRIDING SYSTEM VALUE VALUES (3, 'red', NULL, 'lane', 'message', '\x7b2274657874223a22c3a9227d', 'failed', 1, 1700000000123, 1700000000000, NULL, 1700000000789, 'Ana "Ñandú"	\N ''x''
second line 🙂');

INSERT INTO public.pu_lease VALUES (1, 'somebody', 1700000000000);

INSERT INTO public.pu_link VALUES ('lin_1', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', '@alice:example.com', 1700000000000, '@alice:example.com', 1700000000000);

INSERT INTO public.pu_link_copy VALUES ('$one', 'lin_1', '$copied');

INSERT INTO public.pu_merge VALUES ('cus_6tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', '@alice:example.com', 1700000000000, '{"contacts":[]}');

INSERT INTO public.pu_message VALUES ('$one', 'con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'in', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'text', 1700000000000, '');

INSERT INTO public.pu_note VALUES ('$note', '!room:example.com');

INSERT INTO public.pu_outcome VALUES ('$sent', '!room:example.com', 'red', 'n1', 'delivered', 1700000000000, 2, 1700000001000, '');
INSERT INTO public.pu_outcome VALUES ('$open', '!room:example.com', 'red', NULL, 'sending', NULL, 0, 1, '');

INSERT INTO public.pu_participant VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'cus_5tmr2jd7wxqkq4gyb3ahn6zpvc', 1700000000000);

INSERT INTO public.pu_response VALUES ('con_5tmr2jd7wxqkq4gyb3ahn6zpvc', 'first_response', 1700000000000, 1700000000005, 5, '@alice:example.com', 'sales');

INSERT INTO public.pu_sync_position VALUES ('@puente_desk:example.com', 's1_2_3', 1700000000000);

INSERT INTO public.pu_version VALUES (11, 11);

INSERT INTO public.pu_view VALUES ('mine:@alice:example.com', '!view:example.com', 'Mine', 'Ana "Ñandú"	\N ''x''
second line 🙂', '@alice:example.com');

INSERT INTO public.pu_view_room VALUES ('!room:example.com', 'mine:@alice:example.com', '001');

INSERT INTO public.public_media VALUES ('red', 'p', 'mxc://example.com/x', NULL, 'image/png', NULL);

INSERT INTO public.reaction VALUES ('red', 'm1', '', 'ana', '', '', 'chat-of-ana', 'account', '$reaction', 1700000000000, '👍🏽', '{}');

INSERT INTO public."user" VALUES ('red', '@puente_desk:example.com', NULL, 'token');

INSERT INTO public.user_login VALUES ('red', '@puente_desk:example.com', 'account', 'Ana "Ñandú"	\N ''x''
second line 🙂', '{"name": "x"}', NULL, '{"a": [1, 2.5, null, "\"\\"]}');

INSERT INTO public.user_portal VALUES ('red', '@puente_desk:example.com', 'account', 'chat-of-ana', 'account', false, true, 1700000000);

INSERT INTO public.version VALUES (30, 9);

SELECT pg_catalog.setval('public.message_rowid_seq', 2, true);

SELECT pg_catalog.setval('public.pu_audit_id_seq', 1, true);

SELECT pg_catalog.setval('public.pu_consent_id_seq', 1, true);

SELECT pg_catalog.setval('public.pu_journal_id_seq', 3, true);

ALTER TABLE ONLY public.backfill_task
    ADD CONSTRAINT backfill_task_pkey PRIMARY KEY (bridge_id, portal_id, portal_receiver);

ALTER TABLE ONLY public.crypto_account
    ADD CONSTRAINT crypto_account_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.crypto_cross_signing_keys
    ADD CONSTRAINT crypto_cross_signing_keys_pkey PRIMARY KEY (user_id, usage);

ALTER TABLE ONLY public.crypto_cross_signing_signatures
    ADD CONSTRAINT crypto_cross_signing_signatures_pkey PRIMARY KEY (signed_user_id, signed_key, signer_user_id, signer_key);

ALTER TABLE ONLY public.crypto_device
    ADD CONSTRAINT crypto_device_pkey PRIMARY KEY (user_id, device_id);

ALTER TABLE ONLY public.crypto_megolm_inbound_session
    ADD CONSTRAINT crypto_megolm_inbound_session_pkey PRIMARY KEY (account_id, session_id);

ALTER TABLE ONLY public.crypto_megolm_outbound_session
    ADD CONSTRAINT crypto_megolm_outbound_session_pkey PRIMARY KEY (account_id, room_id);

ALTER TABLE ONLY public.crypto_megolm_outbound_session
    ADD CONSTRAINT crypto_megolm_outbound_session_session_id_key UNIQUE (session_id);

ALTER TABLE ONLY public.crypto_megolm_outbound_session_shared
    ADD CONSTRAINT crypto_megolm_outbound_session_shared_pkey PRIMARY KEY (user_id, identity_key, session_id);

ALTER TABLE ONLY public.crypto_message_index
    ADD CONSTRAINT crypto_message_index_pkey PRIMARY KEY (session_id, index);

ALTER TABLE ONLY public.crypto_olm_message_hash
    ADD CONSTRAINT crypto_olm_message_hash_pkey PRIMARY KEY (message_hash);

ALTER TABLE ONLY public.crypto_olm_session
    ADD CONSTRAINT crypto_olm_session_pkey PRIMARY KEY (account_id, session_id);

ALTER TABLE ONLY public.crypto_secrets
    ADD CONSTRAINT crypto_secrets_pkey PRIMARY KEY (account_id, name);

ALTER TABLE ONLY public.crypto_tracked_user
    ADD CONSTRAINT crypto_tracked_user_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.database_owner
    ADD CONSTRAINT database_owner_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.disappearing_message
    ADD CONSTRAINT disappearing_message_pkey PRIMARY KEY (bridge_id, mxid);

ALTER TABLE ONLY public.ghost
    ADD CONSTRAINT ghost_pkey PRIMARY KEY (bridge_id, id);

ALTER TABLE ONLY public.kv_store
    ADD CONSTRAINT kv_store_pkey PRIMARY KEY (bridge_id, key);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_mxid_unique UNIQUE (bridge_id, mxid);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (rowid);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_real_pkey UNIQUE (bridge_id, room_receiver, id, part_id);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_txn_id_unique UNIQUE (bridge_id, room_receiver, send_txn_id);

ALTER TABLE ONLY public.mx_registrations
    ADD CONSTRAINT mx_registrations_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.mx_room_state
    ADD CONSTRAINT mx_room_state_pkey PRIMARY KEY (room_id);

ALTER TABLE ONLY public.mx_user_profile
    ADD CONSTRAINT mx_user_profile_pkey PRIMARY KEY (room_id, user_id);

ALTER TABLE ONLY public.portal
    ADD CONSTRAINT portal_pkey PRIMARY KEY (bridge_id, id, receiver);

ALTER TABLE ONLY public.pu_agent
    ADD CONSTRAINT pu_agent_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.pu_audit
    ADD CONSTRAINT pu_audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_availability
    ADD CONSTRAINT pu_availability_pkey PRIMARY KEY (agent);

ALTER TABLE ONLY public.pu_canned_response
    ADD CONSTRAINT pu_canned_response_pkey PRIMARY KEY (team, short_code);

ALTER TABLE ONLY public.pu_closing
    ADD CONSTRAINT pu_closing_pkey PRIMARY KEY (conversation, at);

ALTER TABLE ONLY public.pu_consent
    ADD CONSTRAINT pu_consent_key UNIQUE (source, key);

ALTER TABLE ONLY public.pu_consent_move
    ADD CONSTRAINT pu_consent_move_pkey PRIMARY KEY (customer);

ALTER TABLE ONLY public.pu_consent
    ADD CONSTRAINT pu_consent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_contact
    ADD CONSTRAINT pu_contact_pkey PRIMARY KEY (network, person);

ALTER TABLE ONLY public.pu_conversation
    ADD CONSTRAINT pu_conversation_chat UNIQUE (network, account, chat);

ALTER TABLE ONLY public.pu_conversation
    ADD CONSTRAINT pu_conversation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_customer_key
    ADD CONSTRAINT pu_customer_key_pkey PRIMARY KEY (customer, kind);

ALTER TABLE ONLY public.pu_customer_label
    ADD CONSTRAINT pu_customer_label_pkey PRIMARY KEY (customer, label);

ALTER TABLE ONLY public.pu_customer
    ADD CONSTRAINT pu_customer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_face
    ADD CONSTRAINT pu_face_pkey PRIMARY KEY (room_id);

ALTER TABLE ONLY public.pu_fallback
    ADD CONSTRAINT pu_fallback_pkey PRIMARY KEY (original, conversation);

ALTER TABLE ONLY public.pu_guest
    ADD CONSTRAINT pu_guest_pkey PRIMARY KEY (conversation, guest);

ALTER TABLE ONLY public.pu_handle
    ADD CONSTRAINT pu_handle_pkey PRIMARY KEY (network, kind, value);

ALTER TABLE ONLY public.pu_journal
    ADD CONSTRAINT pu_journal_key UNIQUE (source, key);

ALTER TABLE ONLY public.pu_journal
    ADD CONSTRAINT pu_journal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_lease
    ADD CONSTRAINT pu_lease_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_link_copy
    ADD CONSTRAINT pu_link_copy_pkey PRIMARY KEY (original);

ALTER TABLE ONLY public.pu_link
    ADD CONSTRAINT pu_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pu_merge
    ADD CONSTRAINT pu_merge_pkey PRIMARY KEY (merged);

ALTER TABLE ONLY public.pu_message
    ADD CONSTRAINT pu_message_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.pu_note
    ADD CONSTRAINT pu_note_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.pu_outcome
    ADD CONSTRAINT pu_outcome_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.pu_participant
    ADD CONSTRAINT pu_participant_pkey PRIMARY KEY (conversation, customer);

ALTER TABLE ONLY public.pu_response
    ADD CONSTRAINT pu_response_pkey PRIMARY KEY (conversation, kind, began_at);

ALTER TABLE ONLY public.pu_sync_position
    ADD CONSTRAINT pu_sync_position_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.pu_view
    ADD CONSTRAINT pu_view_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.pu_view_room
    ADD CONSTRAINT pu_view_room_pkey PRIMARY KEY (room_id, view);

ALTER TABLE ONLY public.public_media
    ADD CONSTRAINT public_media_pkey PRIMARY KEY (bridge_id, public_id);

ALTER TABLE ONLY public.reaction
    ADD CONSTRAINT reaction_mxid_unique UNIQUE (bridge_id, mxid);

ALTER TABLE ONLY public.reaction
    ADD CONSTRAINT reaction_pkey PRIMARY KEY (bridge_id, room_receiver, message_id, message_part_id, sender_id, emoji_id);

ALTER TABLE ONLY public.user_login
    ADD CONSTRAINT user_login_pkey PRIMARY KEY (bridge_id, id);

ALTER TABLE ONLY public."user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (bridge_id, mxid);

ALTER TABLE ONLY public.user_portal
    ADD CONSTRAINT user_portal_pkey PRIMARY KEY (bridge_id, user_mxid, login_id, portal_id, portal_receiver);

CREATE INDEX crypto_megolm_inbound_session_backup_idx ON public.crypto_megolm_inbound_session USING btree (account_id, key_backup_version) WHERE (session IS NOT NULL);

CREATE INDEX crypto_olm_message_hash_account_idx ON public.crypto_olm_message_hash USING btree (account_id);

CREATE INDEX crypto_olm_session_sender_key_idx ON public.crypto_olm_session USING btree (account_id, sender_key);

CREATE INDEX disappearing_message_portal_idx ON public.disappearing_message USING btree (bridge_id, mx_room);

CREATE INDEX message_room_idx ON public.message USING btree (bridge_id, room_id, room_receiver);

CREATE INDEX mx_user_profile_membership_idx ON public.mx_user_profile USING btree (room_id, membership);

CREATE INDEX mx_user_profile_name_skeleton_idx ON public.mx_user_profile USING btree (room_id, name_skeleton);

CREATE UNIQUE INDEX portal_bridge_mxid_idx ON public.portal USING btree (bridge_id, mxid);

CREATE INDEX portal_parent_idx ON public.portal USING btree (bridge_id, parent_id, parent_receiver);

CREATE INDEX pu_audit_at ON public.pu_audit USING btree (at);

CREATE INDEX pu_audit_object ON public.pu_audit USING btree (object, object_id, id);

CREATE INDEX pu_closing_survey ON public.pu_closing USING btree (at) WHERE ((survey = 1) AND (asked_at IS NULL));

CREATE INDEX pu_consent_customer ON public.pu_consent USING btree (customer, at);

CREATE INDEX pu_consent_move_survivor ON public.pu_consent_move USING btree (survivor);

CREATE INDEX pu_contact_customer ON public.pu_contact USING btree (customer);

CREATE INDEX pu_conversation_assignee ON public.pu_conversation USING btree (assignee, status) WHERE (assignee <> ''::text);

CREATE INDEX pu_conversation_customer ON public.pu_conversation USING btree (customer) WHERE (customer <> ''::text);

CREATE INDEX pu_conversation_queue ON public.pu_conversation USING btree (team, opened_at) WHERE ((assignee = ''::text) AND (status = 'open'::text));

CREATE UNIQUE INDEX pu_conversation_room ON public.pu_conversation USING btree (room_id);

CREATE INDEX pu_conversation_snoozed ON public.pu_conversation USING btree (snoozed_until) WHERE (status = 'snoozed'::text);

CREATE INDEX pu_conversation_unshown ON public.pu_conversation USING btree (changed_at) WHERE (shown < version);

CREATE INDEX pu_conversation_waiting ON public.pu_conversation USING btree (waiting_since) WHERE (waiting_since IS NOT NULL);

CREATE INDEX pu_customer_key_value ON public.pu_customer_key USING btree (kind, value);

CREATE INDEX pu_customer_merged ON public.pu_customer USING btree (merged_into) WHERE (merged_into <> ''::text);

CREATE UNIQUE INDEX pu_fallback_copy ON public.pu_fallback USING btree (copy);

CREATE INDEX pu_guest_due ON public.pu_guest USING btree (until) WHERE (ended_at IS NULL);

CREATE INDEX pu_handle_person ON public.pu_handle USING btree (network, person);

CREATE INDEX pu_journal_finished ON public.pu_journal USING btree (state, finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX pu_journal_retried ON public.pu_journal USING btree (retried_at) WHERE (retried_at IS NOT NULL);

CREATE INDEX pu_journal_waiting ON public.pu_journal USING btree (source, lane, id) WHERE (state = 'waiting'::text);

CREATE UNIQUE INDEX pu_link_copy_copy ON public.pu_link_copy USING btree (copy);

CREATE UNIQUE INDEX pu_link_one ON public.pu_link USING btree (one) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX pu_link_other ON public.pu_link USING btree (other) WHERE (ended_at IS NULL);

CREATE INDEX pu_merge_survivor ON public.pu_merge USING btree (survivor);

CREATE INDEX pu_message_conversation ON public.pu_message USING btree (conversation, at);

CREATE INDEX pu_outcome_network_message ON public.pu_outcome USING btree (network, network_message_id);

CREATE INDEX pu_outcome_open ON public.pu_outcome USING btree (room_id, attempt_started_at) WHERE (attempt_started_at > 0);

CREATE INDEX pu_participant_customer ON public.pu_participant USING btree (customer);

CREATE INDEX pu_response_ended ON public.pu_response USING btree (ended_at);

CREATE INDEX reaction_room_idx ON public.reaction USING btree (bridge_id, room_id, room_receiver);

CREATE INDEX user_portal_login_idx ON public.user_portal USING btree (bridge_id, login_id);

CREATE INDEX user_portal_portal_idx ON public.user_portal USING btree (bridge_id, portal_id, portal_receiver);

ALTER TABLE ONLY public.backfill_task
    ADD CONSTRAINT backfill_queue_portal_fkey FOREIGN KEY (bridge_id, portal_id, portal_receiver) REFERENCES public.portal(bridge_id, id, receiver) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.crypto_olm_message_hash
    ADD CONSTRAINT crypto_olm_message_hash_account_fkey FOREIGN KEY (account_id) REFERENCES public.crypto_account(account_id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.disappearing_message
    ADD CONSTRAINT disappearing_message_portal_fkey FOREIGN KEY (bridge_id, mx_room) REFERENCES public.portal(bridge_id, mxid) ON DELETE CASCADE;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_room_fkey FOREIGN KEY (bridge_id, room_id, room_receiver) REFERENCES public.portal(bridge_id, id, receiver) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_sender_fkey FOREIGN KEY (bridge_id, sender_id) REFERENCES public.ghost(bridge_id, id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.portal
    ADD CONSTRAINT portal_parent_fkey FOREIGN KEY (bridge_id, parent_id, parent_receiver) REFERENCES public.portal(bridge_id, id, receiver) ON UPDATE CASCADE;

ALTER TABLE ONLY public.portal
    ADD CONSTRAINT portal_relay_fkey FOREIGN KEY (relay_bridge_id, relay_login_id) REFERENCES public.user_login(bridge_id, id) ON UPDATE CASCADE ON DELETE SET NULL;

ALTER TABLE ONLY public.pu_closing
    ADD CONSTRAINT pu_closing_conversation_fkey FOREIGN KEY (conversation) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_contact
    ADD CONSTRAINT pu_contact_customer_fkey FOREIGN KEY (customer) REFERENCES public.pu_customer(id);

ALTER TABLE ONLY public.pu_customer_key
    ADD CONSTRAINT pu_customer_key_customer_fkey FOREIGN KEY (customer) REFERENCES public.pu_customer(id);

ALTER TABLE ONLY public.pu_customer_label
    ADD CONSTRAINT pu_customer_label_customer_fkey FOREIGN KEY (customer) REFERENCES public.pu_customer(id);

ALTER TABLE ONLY public.pu_fallback
    ADD CONSTRAINT pu_fallback_conversation_fkey FOREIGN KEY (conversation) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_guest
    ADD CONSTRAINT pu_guest_conversation_fkey FOREIGN KEY (conversation) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_link_copy
    ADD CONSTRAINT pu_link_copy_link_fkey FOREIGN KEY (link) REFERENCES public.pu_link(id);

ALTER TABLE ONLY public.pu_link
    ADD CONSTRAINT pu_link_one_fkey FOREIGN KEY (one) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_link
    ADD CONSTRAINT pu_link_other_fkey FOREIGN KEY (other) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_merge
    ADD CONSTRAINT pu_merge_merged_fkey FOREIGN KEY (merged) REFERENCES public.pu_customer(id);

ALTER TABLE ONLY public.pu_merge
    ADD CONSTRAINT pu_merge_survivor_fkey FOREIGN KEY (survivor) REFERENCES public.pu_customer(id);

ALTER TABLE ONLY public.pu_message
    ADD CONSTRAINT pu_message_conversation_fkey FOREIGN KEY (conversation) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_participant
    ADD CONSTRAINT pu_participant_conversation_fkey FOREIGN KEY (conversation) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.pu_participant
    ADD CONSTRAINT pu_participant_customer_fkey FOREIGN KEY (customer) REFERENCES public.pu_customer(id);

ALTER TABLE ONLY public.pu_response
    ADD CONSTRAINT pu_response_conversation_fkey FOREIGN KEY (conversation) REFERENCES public.pu_conversation(id);

ALTER TABLE ONLY public.reaction
    ADD CONSTRAINT reaction_message_fkey FOREIGN KEY (bridge_id, room_receiver, message_id, message_part_id) REFERENCES public.message(bridge_id, room_receiver, id, part_id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.reaction
    ADD CONSTRAINT reaction_room_fkey FOREIGN KEY (bridge_id, room_id, room_receiver) REFERENCES public.portal(bridge_id, id, receiver) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.reaction
    ADD CONSTRAINT reaction_sender_fkey FOREIGN KEY (bridge_id, sender_id) REFERENCES public.ghost(bridge_id, id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.user_login
    ADD CONSTRAINT user_login_user_fkey FOREIGN KEY (bridge_id, user_mxid) REFERENCES public."user"(bridge_id, mxid) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.user_portal
    ADD CONSTRAINT user_portal_portal_fkey FOREIGN KEY (bridge_id, portal_id, portal_receiver) REFERENCES public.portal(bridge_id, id, receiver) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.user_portal
    ADD CONSTRAINT user_portal_user_login_fkey FOREIGN KEY (bridge_id, login_id) REFERENCES public.user_login(bridge_id, id) ON UPDATE CASCADE ON DELETE CASCADE;

