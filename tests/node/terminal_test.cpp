// Texts of others on their way to a terminal: whatever bytes they are, what is shown holds no control character but
// line ends and tabs, is UTF-8 (or ASCII), and is not changed where it was harmless.

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "terminal.hpp"
#include "text_table.hpp"

namespace {

using namespace cicada::tool;

TEST_CASE("harmless text is not changed", "[terminal]") {
  const std::string text =
      "plain\tand\n\xc3\x9c"
      "ber \xe2\x82\xac \xf0\x9f\x90\x9d\n";
  CHECK(terminal_text(text, true) == text);
  CHECK(terminal_text(text, false) == "plain\tand\n?ber ? ?\n");
  CHECK(one_line("a\nb\tc") == "a b c");
}

TEST_CASE("what controls a terminal or misleads its reader is taken out", "[terminal]") {
  CHECK(terminal_text("\x1b[31mred\x07", true) == "\xef\xbf\xbd[31mred\xef\xbf\xbd");
  CHECK(terminal_text("\xc2\x9b"
                      "1m",
                      true) ==
        "\xef\xbf\xbd"
        "1m");  // C1, as UTF-8
  CHECK(terminal_text("\x9b"
                      "1m",
                      true) ==
        "\xef\xbf\xbd"
        "1m");  // and as one byte.
  CHECK(terminal_text("a\xe2\x80\xae"
                      "b\xe2\x81\xa6"
                      "c",
                      true) == "abc");  // U+202E, U+2066.
  CHECK(terminal_text("over\rwritten\r\n", true) == "over\xef\xbf\xbdwritten\n");
  CHECK(terminal_text("\xed\xa0\x80", true) == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // A surrogate.
  CHECK(terminal_text("\xc0\x9b", true) == "\xef\xbf\xbd\xef\xbf\xbd");                  // ESC in two bytes.
  CHECK(terminal_text("\xe2\x82", false) == "??");                                       // Cut short.
}

TEST_CASE("no bytes reach a terminal as control characters", "[terminal]") {
  CHECK(rc::check("every text", [](const std::string& bytes) {
    for (const bool utf8 : {false, true}) {
      const std::string shown = terminal_text(bytes, utf8);
      for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto byte = static_cast<unsigned char>(shown[i]);
        RC_ASSERT((byte >= 0x20 && byte != 0x7f) || byte == '\n' || byte == '\t');
        RC_ASSERT(utf8 || byte < 0x80);
        if (byte == 0xc2 && i + 1 < shown.size()) RC_ASSERT(static_cast<unsigned char>(shown[i + 1]) >= 0xa0);
      }
      RC_ASSERT(terminal_text(shown, utf8) == shown);
    }
  }));
}

TEST_CASE("long lines are folded below their last column, and lose nothing", "[terminal]") {
  const std::string table = "  name    a description of several words that is long\n";
  CHECK(folded(table, 80) == table);
  CHECK(folded(table, 30) == "  name    a description of\n          several words that\n          is long\n");
  CHECK(folded("aaaa bbbb cccc", 9) == "aaaa bbbb\n  cccc");
  CHECK(rc::check("every word stays, and no line is longer than its longest word asks for",
                  [](const std::vector<unsigned>& lengths) {
                    std::string text, longest;
                    for (const unsigned length : lengths) {
                      const std::string word(1 + length % 12, 'x');
                      text += word + " ";
                      if (word.size() > longest.size()) longest = word;
                    }
                    const std::string narrow = folded(text, 20);
                    std::size_t begin = 0;
                    while (begin < narrow.size()) {
                      const std::size_t end = std::min(narrow.find('\n', begin), narrow.size());
                      RC_ASSERT(end - begin <= 20U);
                      begin = end + 1;
                    }
                    RC_ASSERT(std::ranges::count(narrow, 'x') == std::ranges::count(text, 'x'));
                  }));
}

}  // namespace
