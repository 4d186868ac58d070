#include <exception>
#include <iostream>
#include <iterator>
#include <utility>

#include "client_access.hpp"
#include "commands.hpp"
#include "durable_file.hpp"
#include "message_text.hpp"
#include "output.hpp"
#include "script.hpp"

namespace cicada::node {
namespace {

using nlohmann::json;

/// Runs the lines one after the other; the first that fails ends the script.
class ScriptRun {
 public:
  ScriptRun(NodeAccess& access, const ClientOptions& options) : access_(access), options_(options) {}

  json operator()(const SendCommand& send) {
    json request = {{"op", "send"}, {"target", to_string(send.target)}, {"duplicates", duplicates_}};
    return ask_with_data(std::move(request), send.data);
  }
  json operator()(const BroadcastCommand& broadcast) {
    json request = {{"op", "broadcast"}};
    return ask_with_data(std::move(request), broadcast.data);
  }
  json operator()(const ReceiveCommand& receive) {
    return access_.ask({{"op", "recv"}, {"count", receive.count}, {"confirm", true}},
                       [this](const json& message) { return print_message(message, options_.json); });
  }
  json operator()(const OptionCommand& option) {
    duplicates_ = option.duplicates;
    return {{"ok", true}, {"done", true}};
  }
  json operator()(const WaitCommand& wait) {
    json request = {{"op", "wait"}};
    if (wait.time) request["timeout_s"] = std::chrono::duration<double>(*wait.time).count();
    // The older program went on when the time was over; so do we.
    return access_.ask(request, {});
  }

 private:
  json ask_with_data(json request, const std::string& data) {
    if (json complaint = payload_complaint(data.size()); !complaint.is_null()) return complaint;
    put_payload(request, std::vector<std::uint8_t>(data.begin(), data.end()));
    return access_.ask(request, {});
  }

  NodeAccess& access_;
  const ClientOptions& options_;
  unsigned duplicates_ = 0;
};

std::string read_script(const std::filesystem::path& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  auto text = tool::read_if_exists(file);
  if (!text) throw std::runtime_error(file.string() + ": there is no such file");
  return *std::move(text);
}

}  // namespace

int script_command(const ClientOptions& options, const std::filesystem::path& file) {
  std::string text;
  try {
    text = read_script(file);
  } catch (const std::exception& error) {
    tool::complain("cicada-node script: {}\n", error.what());
    return exit_bad_input;
  }
  const std::string name = file == "-" ? "(standard input)" : file.string();
  const auto lines = parse_script(text, name);
  if (!lines) {
    for (const std::string& complaint : lines.error()) tool::complain("{}\n", complaint);
    return exit_bad_input;
  }
  return with_access(options, "script", [&](NodeAccess& access) {
    ScriptRun run(access, options);
    for (const ScriptLine& line : *lines) {
      json reply = std::visit(run, line.command);
      reply["line"] = line.line;
      if (options.json) tool::write_data(reply.dump() + "\n");
      if (reply.value("ok", false)) continue;
      tool::complain("{}:{}: {}\n", name, line.line, reply.value("error", "no reason given"));
      return reply.value("status", static_cast<int>(exit_internal));
    }
    return static_cast<int>(exit_good);
  });
}

}  // namespace cicada::node
