// What a client tells of an event that it got.

// sight is the event as the client reads it, with what the homeserver has of it: wire_type is its type there, device
// and shield what the encryption knows of its sender, highlight what the user's push rules say.
export async function sight(client, event) {
    const wire = event.getWireContent();
    const content = event.isEncrypted() ? { ...event.getClearContent() } : { ...wire };
    if (wire["m.relates_to"]) content["m.relates_to"] = wire["m.relates_to"]; // it stands outside of what is encrypted
    const told = {
        type: event.getType(),
        event_id: event.getId(),
        room_id: event.getRoomId(),
        sender: event.getSender(),
        origin_server_ts: event.getTs(),
        content,
        redacts: event.event.redacts,
        wire_type: event.getWireType(),
        highlight: Boolean(client.getPushActionsForEvent(event)?.tweaks?.highlight),
    };
    if (event.isState()) told.state_key = event.getStateKey();
    if (event.isEncrypted()) {
        const info = await client.getCrypto().getEncryptionInfoForEvent(event);
        told.session = wire.session_id;
        told.shield = { colour: info?.shieldColour, reason: info?.shieldReason };
    }
    return told;
}
