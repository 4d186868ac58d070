// Every key of the configuration is read, printed and read back; every mistake is told with its place.

#include <catch2/catch.hpp>

#include "config_file.hpp"
#include "config_keys.hpp"

using namespace cicada::node;

TEST_CASE("config: what is printed reads back to the same", "[config]") {
  NodeConfig config;
  for (const char* setting :
       {"swarm=it's: #1", "bootstrap=a.example:1", "bootstrap=[::1]:2", "ids=key", "port=0", "external=1.2.3.4:5",
        "reach=direct", "port_mapping.lease=90s", "limits.buffers=8 MiB", "log.format=json", "require_sealed=true"}) {
    INFO(setting);
    REQUIRE(set_config_key(config, setting));
  }
  for (const bool with_about : {false, true}) {
    NodeConfig again;
    const std::string text = print_config(config, with_about);
    INFO(text);
    CHECK(read_config_text(text, "f", again) == std::vector<std::string>{});
    CHECK(print_config(again, with_about) == text);
  }
}

TEST_CASE("config: no key accepts nonsense but those that are free texts", "[config]") {
  for (const ConfigKey& key : config_keys()) {
    NodeConfig config;
    const bool is_text = key.set(config, "\x01 no value").has_value();
    const bool may = key.name == "swarm" || key.name == "interface" || key.name == "state" || key.name == "control" ||
                     key.name == "key" || key.name == "trusted_keys" || key.name == "membership" ||
                     key.name == "port_mapping.gateway";
    INFO(key.name);
    CHECK(is_text == may);
  }
}

TEST_CASE("config: mistakes with line and column, all at once", "[config]") {
  NodeConfig config;
  const auto complaints = read_config_text(
      "port: x\nprotocol: 5\nlog:\n  levle: info\nlog.level: info\nbootstrap: [a, b:2]\n- x\n", "f", config);
  REQUIRE(complaints.size() == 1);  // The last line is no YAML here, and nothing else was looked at.
  const auto more = read_config_text(
      "port: x\nprotocol: 5\nlog:\n  levle: info\nlog.level: info\nbootstrap: [a, b:2]\n", "f", config);
  REQUIRE(more.size() == 5);
  CHECK(more[0] == "f:1:7: port: found 'x', expected a whole number from 0 to 65535");
  CHECK(more[1].starts_with("f:2:11: protocol: expected keys and values"));
  CHECK(more[2].starts_with("f:4:3: unknown key 'log.levle'"));
  CHECK(more[2].ends_with("did you mean 'level'?"));
  CHECK(more[3].starts_with("f:5:1: unknown key 'log.level'"));
  CHECK(more[4].starts_with("f:6:13: bootstrap: found 'a'"));
}

TEST_CASE("config: contradictions", "[config]") {
  NodeConfig config;
  CHECK(check_config(config).empty());
  config.ids = cicada::IdPolicy::certified;
  config.require_sealed = true;
  config.retry_max = config.retry_min / 2;
  CHECK(check_config(config).size() == 3);
}

TEST_CASE("config: hosts and ports", "[config]") {
  CHECK(parse_host_port("h:1")->host == "h");
  CHECK(parse_host_port("[::1]:65535")->host == "::1");
  for (const char* text : {"", "h", "h:", ":1", "h:0", "h:65536", "h:1x", "::1:5", "[::1:5", "a b:1", "[]:1"}) {
    INFO(text);
    CHECK_FALSE(parse_host_port(text));
  }
}
