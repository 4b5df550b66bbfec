/* Names its own file, and in debug information its folder. */
const char *where(int line) {
    return line > 0 ? __FILE__ : "";
}
