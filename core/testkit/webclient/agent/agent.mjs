// One person's Matrix client: matrix-js-sdk with its Rust encryption, set up as Element Web does.
import { ClientEvent, MatrixEvent, MatrixEventEvent, RoomEvent, RoomMemberEvent, SyncState, createClient } from "matrix-js-sdk";
import { AllDevicesIsolationMode, OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import { decryptFile, encryptFile } from "./file.mjs";
import { sight } from "./sight.mjs";

export class Agent {
    constructor(tell) {
        this.tell = tell;
        this.shown = Promise.resolve(); // events are told in the order in which they came
    }

    // start brings the client up, and answers when its first sync is through. Keys are kept as a browser keeps them,
    // for as long as this process lives: restart is the reload of the page, another process another browser.
    async start({ homeserver, user, token, device }) {
        this.stopping = false;
        this.login = { baseUrl: homeserver, userId: user, accessToken: token, deviceId: device };
        this.client = createClient({ ...this.login, fetchFn: (...request) => this.fetch(...request) });
        await this.client.initRustCrypto({ useIndexedDB: true, cryptoDatabasePrefix: `${user}/${device}` });
        this.client.on(ClientEvent.Event, (event) => {
            if (event.getRoomId()) this.queue(event);
        });
        // These come without their room above.
        this.client.on(RoomEvent.Receipt, (event, room) => this.passing(event, room.roomId));
        this.client.on(RoomMemberEvent.Typing, (event, member) => this.passing(event, member.roomId));
        this.client.on(MatrixEventEvent.Decrypted, (event) => this.late(event));
        const ready = new Promise((resolve, reject) => {
            this.client.on(ClientEvent.Sync, (state, _, data) => {
                if (state === SyncState.Prepared) resolve();
                if (state === SyncState.Error) reject(data?.error ?? new Error("sync failed"));
            });
        });
        await this.client.startClient({ initialSyncLimit: 50 });
        await ready;
    }

    // stop lets what has come be told first: the encryption is gone with the client.
    async stop() {
        this.stopping = true;
        await this.shown;
        this.client.stopClient();
    }

    // restart throws away all but the store of keys.
    async restart() {
        await this.stop();
        const { baseUrl, userId, accessToken, deviceId } = this.login;
        await this.start({ homeserver: baseUrl, user: userId, token: accessToken, device: deviceId });
    }

    queue(event) {
        if (this.stopping) return;
        this.shown = this.shown.then(() => this.show(event)).catch((err) => this.lock(event, String(err)));
    }

    lock(event, code) {
        this.tell({ locked: { event_id: event.getId(), room_id: event.getRoomId(), code } });
    }

    async show(event) {
        if (event.toldOf) return;
        if (event.isEncrypted()) {
            await this.client.decryptEventIfNeeded(event).catch(() => {});
            if (event.isDecryptionFailure()) {
                this.lock(event, event.decryptionFailureReason);
                return;
            }
        }
        this.tell({ event: await sight(this.client, event) });
        event.toldOf = true;
    }

    // passing tells of what is in no timeline.
    passing(event, room) {
        this.tell({ event: { type: event.getType(), room_id: room, content: event.getContent() } });
    }

    // late is for what could be read only when its key came.
    late(event) {
        if (!event.isDecryptionFailure()) this.queue(event);
    }

    // isolate takes or lifts the rule that only devices count which their owner vouches for.
    isolate({ on }) {
        this.client.getCrypto().setDeviceIsolationMode(on ? new OnlySignedDevicesIsolationMode() : new AllDevicesIsolationMode(false));
    }

    // devices lists those of a user that the client knows, and would encrypt for.
    async devices({ user }) {
        const known = await this.client.getCrypto().getUserDeviceInfo([user]);
        return [...(known.get(user)?.keys() ?? [])];
    }

    async encrypted({ room }) {
        return this.client.getCrypto().isEncryptionEnabledInRoom(room);
    }

    // discard has the next message in a room use a new key.
    async discard({ room }) {
        await this.client.getCrypto().forceDiscardSession(room);
    }

    // keys lists the room keys that the client has, by their session's ID.
    async keys({ room }) {
        const all = await this.client.getCrypto().exportRoomKeys();
        return all.filter((key) => key.room_id === room).map((key) => key.session_id);
    }

    async leave({ room }) {
        await this.client.leave(room);
    }

    async join({ room }) {
        await this.client.joinRoom(room);
    }

    async send({ room, type, content }) {
        return (await this.client.sendEvent(room, null, type, content)).event_id;
    }

    // seal encrypts what send would, and returns the encrypted event's content.
    async seal({ room, type, content }) {
        const event = new MatrixEvent({ type, content, room_id: room, sender: this.login.userId, event_id: "~sealed" });
        await this.client.getCrypto().encryptEvent(event, this.client.getRoom(room));
        return event.getWireContent();
    }

    // hold keeps back the keys that are given to others, until release.
    hold() {
        this.held = [];
    }

    async release() {
        const held = this.held;
        this.held = undefined;
        for (const [address, options] of held) await fetch(address, { ...options, signal: undefined });
    }

    async fetch(address, options) {
        if (!this.held || !String(address).includes("/sendToDevice/")) return fetch(address, options);
        this.held.push([address, options]);
        return new Response("{}", { headers: { "Content-Type": "application/json" } });
    }

    async redact({ room, event }) {
        return (await this.client.redactEvent(room, event)).event_id;
    }

    async typing({ room }) {
        await this.client.sendTyping(room, true, 20_000);
    }

    async read({ room, event }) {
        await this.client.sendReadReceipt(this.client.getRoom(room).findEventById(event));
    }

    // upload puts a file, in base64, on the homeserver and returns what of a message's content names it: file or url.
    async upload({ room, mime, name, data }) {
        const plain = Buffer.from(data, "base64");
        if (!(await this.encrypted({ room }))) {
            return { url: (await this.client.uploadContent(plain, { type: mime, name })).content_uri };
        }
        const { bytes, info } = encryptFile(plain);
        const url = (await this.client.uploadContent(bytes, { type: "application/octet-stream", includeFilename: false })).content_uri;
        return { file: { ...info, url } };
    }

    // download returns a message's file in base64, decrypted if it was encrypted.
    async download({ content }) {
        const address = this.client.mxcUrlToHttp(content.file?.url ?? content.url, undefined, undefined, undefined, false, true, true);
        const response = await fetch(address, { headers: { Authorization: `Bearer ${this.client.getAccessToken()}` } });
        if (!response.ok) throw new Error(`the homeserver answers ${response.status}`);
        const bytes = new Uint8Array(await response.arrayBuffer());
        return Buffer.from(content.file ? decryptFile(bytes, content.file) : bytes).toString("base64");
    }

    // wire returns an event as the homeserver has it.
    async wire({ room, event }) {
        return this.client.fetchRoomEvent(room, event);
    }
}
