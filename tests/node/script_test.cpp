// Scripts are read as the older program documented them; what is wrong is named with its line.

#include <catch2/catch.hpp>
#include <chrono>

#include "script.hpp"

using namespace cicada::node;
using namespace std::chrono_literals;

TEST_CASE("script: every command", "[script]") {
  const auto lines = parse_script(
      "# first\n\nWAIT -1\n  WAIT 1.5\nOPT duplicates=3 duplicates=64\nSEND localhost 49611 Hey  there,\tyou "
      "\r\nRECV\nRECV 2",
      "f");
  REQUIRE(lines);
  REQUIRE(lines->size() == 6);
  CHECK(lines->at(0).line == 3);
  CHECK_FALSE(std::get<WaitCommand>(lines->at(0).command).time);
  CHECK(std::get<WaitCommand>(lines->at(1).command).time == 1500ms);
  CHECK(std::get<OptionCommand>(lines->at(2).command).duplicates == 64);
  const auto& send = std::get<SendCommand>(lines->at(3).command);
  CHECK(send.target.host == "localhost");
  CHECK(send.target.port == 49611);
  CHECK(send.data == "Hey  there,\tyou");
  CHECK(std::get<ReceiveCommand>(lines->at(4).command).count == 1);
  CHECK(std::get<ReceiveCommand>(lines->at(5).command).count == 2);
  CHECK(lines->at(5).line == 8);
}

TEST_CASE("script: every mistake, with its line", "[script]") {
  const auto lines = parse_script(
      "SEND\nSEND h\nSEND h 0 x\nSEND h 65536 x\nRECV 0\nRECV -1\nOPT\nOPT duplicates\nOPT copies=1\nOPT "
      "duplicates=65\nWAIT\nWAIT -2\nWAIT soon\nBCAST\nSENT h 1 x\nrecv\n",
      "f");
  REQUIRE_FALSE(lines);
  REQUIRE(lines.error().size() == 16);
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(lines.error()[i].starts_with("f:" + std::to_string(i + 1) + ": "));
  }
  CHECK(lines.error()[14].find("did you mean 'SEND'?") != std::string::npos);
}

TEST_CASE("script: nothing to do", "[script]") {
  CHECK(parse_script("", "f")->empty());
  CHECK(parse_script("\n\n# x\n   \n", "f")->empty());
}
