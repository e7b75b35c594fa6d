package dev.soleinit.json;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.soleinit.process.text.PlainText;

/**
 * What is escaped beyond the standard's minimum: whatever a terminal might obey, so that JSON of
 * ours can be shown as it is and still says the same.
 */
final class Escapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int DELETE = 0x7f;

    private final int[] ascii = standardAsciiEscapesForJSON();

    Escapes() {
        ascii[DELETE] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        return ascii;
    }

    /** Asked for what is not ASCII; null for as it is. */
    @Override
    public SerializableString getEscapeSequence(int character) {
        return PlainText.isUnsafe((char) character)
                ? new SerializedString(PlainText.escape((char) character)) : null;
    }
}
