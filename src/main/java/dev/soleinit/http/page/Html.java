package dev.soleinit.http.page;

/** HTML as it is put together: what is text is escaped. */
final class Html {
    private final StringBuilder out = new StringBuilder(16 * 1024);

    /** Markup of our own. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** What anybody may have said, in an element or in a quoted attribute. */
    Html text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            switch (one) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(one < ' ' && one != '\n' || one == 0x7f ? '\ufffd' : one);
            }
        }
        return this;
    }

    Html element(String name, String text) {
        return raw("<" + name + ">").text(text).raw("</" + name + ">");
    }

    /** A term with what it is; nothing if that is empty. */
    Html entry(String term, Object value) {
        return value == null || value.toString().isEmpty() ? this
                : element("dt", term).element("dd", value.toString());
    }

    Html row(String cell, String... texts) {
        raw("<tr>");
        for (String text : texts) {
            element(cell, text);
        }
        return raw("</tr>");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
