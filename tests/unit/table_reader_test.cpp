// Every table of data passes through one reader: it gives the same cells whatever editor or spreadsheet wrote the file,
// knows the place of each, and refuses what is no table instead of guessing.

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "data/table_reader.hpp"
#include "scratch_file.hpp"

namespace {

using namespace cicada::sim;
using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text) {
  TableReader reader("t", text);
  Rows rows;
  while (reader.next()) {
    rows.emplace_back();
    for (const Cell& cell : reader.row()) rows.back().emplace_back(cell.text);
  }
  return rows;
}

std::string error_of(std::string_view text) {
  try {
    static_cast<void>(rows_of(text));
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

const Rows plain = {{"a", "b"}, {"1", "2"}};

TEST_CASE("the first line decides what separates cells", "[table_reader]") {
  CHECK(rows_of("a b\n1 2\n") == plain);
  CHECK(rows_of("a   b\n\t1 \t 2  \n") == plain);
  CHECK(rows_of("a\tb\n1\t 2 \n") == plain);
  CHECK(rows_of("a, b\n1 ,2\n") == plain);
  CHECK(rows_of("a;b\n 1;2 \n") == plain);
  CHECK(rows_of("New York\tx\n1\t2\n") == Rows{{"New York", "x"}, {"1", "2"}});
  CHECK(rows_of("a;b\n1,5;2\n") == Rows{{"a", "b"}, {"1,5", "2"}});
}

TEST_CASE("empty cells keep their places", "[table_reader]") {
  CHECK(rows_of(",a,,b,\n") == Rows{{"", "a", "", "b", ""}});
  CHECK(rows_of("\ta\t\tb\n") == Rows{{"", "a", "", "b"}});
  CHECK(rows_of("a,b\n, # neither\n") == Rows{{"a", "b"}, {"", ""}});
}

TEST_CASE("byte order marks, line ends and missing last ends don't show", "[table_reader]") {
  CHECK(rows_of("\xEF\xBB\xBF"
                "a,b\r\n1,2\r\n") == plain);
  CHECK(rows_of("a,b\r\n1,2\n") == plain);
  CHECK(rows_of("a,b\n\n  \t \n\r\n1,2") == plain);
  CHECK(rows_of("").empty());
  CHECK(rows_of("\xEF\xBB\xBF").empty());
  CHECK(TableReader("t", "1 2").ends_within_line());
  CHECK_FALSE(TableReader("t", "1 2\n").ends_within_line());
  CHECK_FALSE(TableReader("t", "").ends_within_line());
}

TEST_CASE("comments start at a cell or behind a blank, and nowhere else", "[table_reader]") {
  CHECK(rows_of("# title; x\n  # more\na,b # letters\n1,2\t# numbers\n#1,2") == plain);
  CHECK(rows_of("host#1 host#2\n") == Rows{{"host#1", "host#2"}});
  CHECK(rows_of("a,\"#b\"\n1,2\n") == Rows{{"a", "#b"}, {"1", "2"}});
}

TEST_CASE("quoted cells hold separators, quotes and comment signs", "[table_reader]") {
  CHECK(rows_of("\"a\",\"b\"\n1,\"2\"\n") == plain);
  CHECK(rows_of("\"a, x\" , \"say \"\"hi\"\" # now\"\n") == Rows{{"a, x", "say \"hi\" # now"}});
  CHECK(rows_of("\"a b\" \"\" c\n") == Rows{{"a b", "", "c"}});
  CHECK(rows_of("5\" disk,b\n") == Rows{{"5\" disk", "b"}});
  CHECK(error_of("a,b\n1, \"2\n") == "t:2:4: found an open quote, expected its end in the same line");
  CHECK(error_of("a,b\n\"1\"2,3\n") == "t:2:4: found text behind a quote, expected a separator");
}

TEST_CASE("cells know their places", "[table_reader]") {
  TableReader reader("t", "\xEF\xBB\xBF# one\n\n a,  b ,\"c\"\r\n");
  REQUIRE(reader.next());
  REQUIRE(reader.row().size() == 3);
  constexpr std::size_t columns[] = {2, 6, 9};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(reader.row()[i].line == 3);
    CHECK(reader.row()[i].column == columns[i]);
  }
  CHECK_FALSE(reader.next());
}

TEST_CASE("what is no table is refused with its place", "[table_reader]") {
  CHECK(error_of("\xFF\xFE"
                 "a") == "t:1:1: found UTF-16, expected text in UTF-8");
  CHECK(error_of("\xFE\xFF") == "t:1:1: found UTF-16, expected text in UTF-8");
  CHECK(error_of(std::string_view("1 2\n3 \0 4\n", 10)) == "t:2:3: found a NUL byte, expected text in UTF-8");
  CHECK(error_of("1 2\r3 4\r") == "t:1:4: found CR within a line, expected lines that end with LF or CR LF");
  CHECK_THROWS_WITH(TableReader("/nowhere/t"), Catch::Contains("/nowhere/t") && Catch::Contains("No such file"));
  CHECK_THROWS_WITH(TableReader("/"), Catch::Contains("Is a directory"));
  CHECK_THROWS_WITH(TableReader("/dev/zero"), Catch::Contains("found more than 268435456 bytes"));
}

TEST_CASE("rows have the number of cells that is asked for", "[table_reader]") {
  TableReader reader("t", "1,2,\n1,2\n1,2,3 # x\n1\n");
  for (int line = 0; line < 2; ++line) {
    REQUIRE(reader.next());
    reader.expect_cells(2, "two numbers");
    CHECK(reader.row().size() == 2);
  }
  REQUIRE(reader.next());
  CHECK_THROWS_WITH(reader.expect_cells(2, "two numbers"), "t:3:5: found entry 3, expected two numbers");
  REQUIRE(reader.next());
  CHECK_THROWS_WITH(reader.expect_cells(2, "two numbers"),
                    "t:4:2: found the end of the line after 1 entries, expected two numbers");
}

TEST_CASE("messages show what was found without control characters, and shortened", "[table_reader]") {
  TableReader reader("t", "\x1b[2J " + std::string(500, 'x') + "\n");
  REQUIRE(reader.next());
  CHECK_THROWS_WITH(reader.fail(reader.row()[0], "a number"), "t:1:1: found \"?[2J\", expected a number");
  CHECK_THROWS_WITH(reader.fail(reader.row()[1], "a number"),
                    "t:1:6: found \"" + std::string(80, 'x') + "\"..., expected a number");
}

}  // namespace
