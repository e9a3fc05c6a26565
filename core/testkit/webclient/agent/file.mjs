// Files as encrypted rooms have them.
// ref: Matrix specification, "Sending encrypted attachments"
import { Attachment, EncryptedAttachment } from "@matrix-org/matrix-sdk-crypto-wasm";

// encryptFile returns the ciphertext and what of EncryptedFile belongs to it: all but the address.
export function encryptFile(plain) {
    const attachment = Attachment.encrypt(plain);
    return { bytes: attachment.encryptedData, info: JSON.parse(attachment.mediaEncryptionInfo) };
}

// decryptFile throws if the ciphertext does not have the hash that file names.
export function decryptFile(bytes, file) {
    return Attachment.decrypt(new EncryptedAttachment(bytes, JSON.stringify(file)));
}
