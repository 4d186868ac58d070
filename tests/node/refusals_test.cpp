// An operator sees which neighbour attacks: in the status, and in one line of the log.

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "endpoints.hpp"
#include "node_service.hpp"
#include "real/stranger.hpp"

using namespace cicada;
using namespace cicada::node;

namespace {

std::string read_all(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  return text;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("status and log name a neighbour that floods, and its address", "[refusals]") {
  boost::asio::io_context context;
  NodeConfig config;
  config.interface = "127.0.0.1";
  config.port = 0;
  config.map_port = false;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  const NodeLog log(LogLevel::warning, true, file.get());
  NodeService service(context, config, {random_seed(), {}, {}}, {}, nullptr, log, {});
  service.start();
  REQUIRE(service.peer());

  test::Stranger stranger(service.peer()->listener().port);
  REQUIRE(stranger.handshake());
  REQUIRE(stranger.say(stranger.hello()));
  REQUIRE(stranger.hear());
  const std::string address = to_string(from_asio(stranger.socket().local_endpoint()));
  test::Bytes flood;
  for (int i = 0; i < 1000; ++i) {
    const test::Bytes one = test::framed(FrameType::message, {0xff});
    flood.insert(flood.end(), one.begin(), one.end());
  }
  REQUIRE(stranger.say(flood));
  // An answer to what comes after the flood: all of it has been handled by then.
  REQUIRE(stranger.say({static_cast<std::uint8_t>(FrameType::message), 0xff, 0xff, 0xff}));
  CHECK(stranger.is_cut_off());
  context.run_for(std::chrono::milliseconds(100));  // The log's line was posted before.

  const nlohmann::json status = service.status();
  const std::string id = stranger.hello().contact.id.to_hex();
  REQUIRE(status["refused_peers"].size() == 1);
  const nlohmann::json& worst = status["refused_peers"][0];
  CHECK(worst["peer"] == id);
  CHECK(worst["address"] == address);
  CHECK(worst["refused"] == 1001);
  CHECK(worst["reasons"] == nlohmann::json{{"undecodable", 1000}, {"frame_too_long", 1}});
  CHECK(status["counters"]["link_refused"]["undecodable"] == 1000);
  CHECK(status["counters"]["link_refused"]["frame_too_long"] == 1);

  const std::string lines = read_all(file.get());
  CHECK(count_of(lines, R"("event":"refused")") == 1);
  CHECK(count_of(lines, id) == 1);
  CHECK(count_of(lines, address) == 1);
  service.stop();
}
