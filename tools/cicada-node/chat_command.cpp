#include <fmt/core.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <cicada/swarm_peer.hpp>

#include "chat_room.hpp"
#include "commands.hpp"
#include "exit_status.hpp"
#include "line_input.hpp"
#include "node_service.hpp"
#include "node_setup.hpp"
#include "on_context.hpp"
#include "output.hpp"
#include "state_store.hpp"

namespace cicada::node {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Duration tick = 1s;
constexpr Duration greeting_pause_min = 4s;  // For those who don't answer; it doubles.
constexpr Duration greeting_pause_max = 60s;
constexpr Duration resend_pause = 2s;
constexpr Duration delivery_patience = 2min;  // Then a line is marked as not delivered.
constexpr Duration quit_patience = 3s;        // For lines that are still under way.
constexpr std::size_t lines_under_way_max = 10'000;

constexpr std::string_view chat_help =
    "  what you type      to everybody\n"
    "  /msg NAME TEXT     to one of them\n"
    "  /who               who is here\n"
    "  /nick NAME         another name for you\n"
    "  /quit              leave (so does the end of the input)\n";

/// At once: whoever reads along does not wait for the next line.
void show(const std::string& line) {
  tool::print("{}\n", line);
  (void)tool::flush_output();
}

/// One person's end of the chat: a node at work, and a room. Everything runs on the thread of `context_`.
class Chat {
 public:
  Chat(const NodeConfig& config, const NodeIdentity& identity, StateStore* store, std::string nickname)
      : nickname_(std::move(nickname)),
        log_(config.log == LogLevel::info ? LogLevel::error : config.log, config.log_json),
        signals_(context_, SIGINT, SIGTERM, SIGHUP),
        timer_(context_),
        service_(context_, config, identity, load_trusted(config), store, log_,
                 {.listening = [this] { begin(); },
                  .joined = [this](std::error_code error) { on_join(error); },
                  .fatal = [this](const std::string& why) { fail(why); }}) {}

  int run() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) quit();
    });
    service_.start();
    context_.run();
    input_.reset();
    service_.stop();
    for (const auto& [number, line] : under_way_) tell_lost(line);
    return under_way_.empty() ? status_ : static_cast<int>(exit_not_delivered);
  }

 private:
  struct Line {
    Id to;
    std::string text;
    std::string message;
    Clock::time_point give_up;
    Clock::time_point again;  // Of the next attempt, while none is being made.
    bool is_sending = false;
  };
  struct Greeting {
    Clock::time_point next;
    Duration pause = greeting_pause_min;
  };

  void begin() {
    const Id id = service_.peer()->id();
    room_.emplace(id, nickname_.empty() ? "guest-" + id.to_hex().substr(0, 4) : nickname_);
    show(fmt::format("* you are {}, at {}; /help lists what you can do", room_->nickname(),
                     cicada::to_string(service_.peer()->endpoint())));
    receive();
    on_tick();
    input_.emplace(context_, [this](const std::string& line) { obey(line); }, [this] { quit(); });
  }

  void fail(const std::string& why) {
    tool::complain("cicada-node chat: {}\n", why);
    status_ = exit_bad_input;
    context_.stop();
  }

  void on_join(std::error_code error) {
    greetings_.clear();
    if (error && !join_error_) show(fmt::format("* could not join yet ({}); trying again", error.message()));
    if (!error && join_error_) show("* joined");
    join_error_ = error;
  }

  void receive() {
    service_.receiver().wait(
        {[] { return true; },
         [this](const OpenedMessage& opened) {
           const Received& message = opened.message;
           apply(room_->receive(message.source.id, std::string(message.data.begin(), message.data.end())));
           receive();
         }});
  }

  void apply(const ChatRoom::Outcome& outcome) {
    for (const std::string& text : outcome.lines) show(text);
    if (!tool::flush_output()) return quit();  // Nobody sees what others say.
    for (const auto& reply : outcome.replies) send_once(reply.to, reply.message);
  }

  void on_tick() {
    timer_.expires_after(tick);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) on_tick();
    });
    // Another address may have brought another id.
    room_->become(service_.peer()->id());
    if (quit_by_ && (under_way_.empty() || Clock::now() >= *quit_by_)) return leave();
    greet();
    send_again();
  }

  /// Everybody whom the ring knows from here and who has not answered, and everybody who was lost. They tell of the
  /// others.
  void greet() {
    std::vector<Id> wanted = room_->away();
    for (const PeerInfo& info : service_.peer()->peers()) {
      if (!room_->knows(info.contact.id)) wanted.push_back(info.contact.id);
    }
    std::map<Id, Greeting> greetings;
    for (const Id& id : wanted) {
      Greeting greeting = greetings_[id];
      if (Clock::now() >= greeting.next) {
        send_once(id, room_->hello());
        greeting = {Clock::now() + greeting.pause, std::min(greeting.pause * 2, greeting_pause_max)};
      }
      greetings[id] = greeting;
    }
    greetings_ = std::move(greetings);
  }

  void obey(const std::string& line) {
    if (line.empty() || quit_by_) return;
    if (line == "/quit") return quit();
    if (!line.starts_with('/')) {
      const auto people = room_->people();
      if (people.empty()) show("* nobody else is here yet: not delivered");
      const std::string message = room_->encode("say", line);
      for (const Id& id : people) deliver(id, line, message);
    } else if (line == "/who") {
      show(fmt::format("* {} (you)", room_->nickname()));
      for (const Id& id : room_->people())
        show(fmt::format("* {}{}", room_->name_of(id), room_->is_away(id) ? " (cannot be reached)" : ""));
    } else if (line.starts_with("/nick ")) {
      rename(line.substr(6));
    } else if (line.starts_with("/msg ")) {
      whisper(line.substr(5));
    } else {
      if (line != "/help") show(fmt::format("* there is no {}", line.substr(0, line.find(' '))));
      tool::print_text(chat_help);
      (void)tool::flush_output();
    }
  }

  void rename(const std::string& nickname) {
    if (!is_nickname(nickname)) return show("* a name has 1 to 24 letters, digits, '-' or '_'");
    room_->rename(nickname);
    for (const Id& id : room_->people()) send_once(id, room_->hello());
  }

  void whisper(const std::string& rest) {
    const auto blank = rest.find(' ');
    if (blank == std::string::npos) return show("* expected /msg NAME TEXT");
    const auto to = room_->find(rest.substr(0, blank));
    if (!to) return show(fmt::format("* there is no {} here", rest.substr(0, blank)));
    const std::string text = rest.substr(blank + 1);
    deliver(*to, text, room_->encode("whisper", text));
  }

  /// What was typed is sent until it is acknowledged, or marked as not delivered.
  void deliver(const Id& to, const std::string& text, const std::string& message) {
    Line line{to, text, message, Clock::now() + delivery_patience, Clock::now()};
    if (under_way_.size() >= lines_under_way_max) return tell_lost(line);
    attempt(under_way_.emplace(next_line_++, std::move(line)).first->first);
  }

  void attempt(std::uint64_t number) {
    Line& line = under_way_.at(number);
    line.is_sending = true;
    service_.peer()->async_send(
        line.to, bytes(line.message), {},
        on_context(context_, [this, number](std::error_code error, const SendReport&) { on_attempt(number, error); }));
  }

  void on_attempt(std::uint64_t number, std::error_code error) {
    const auto found = under_way_.find(number);
    if (found == under_way_.end()) return;
    Line& line = found->second;
    if (error && error != SwarmError::payload_too_long && Clock::now() < line.give_up) {
      line.is_sending = false;
      line.again = Clock::now() + resend_pause;
      if (const auto told = room_->lose(line.to)) show(*told);
      return;
    }
    if (error) tell_lost(line);
    under_way_.erase(found);
    if (quit_by_ && under_way_.empty()) leave();
  }

  void send_again() {
    for (auto& [number, line] : under_way_) {
      if (!line.is_sending && Clock::now() >= line.again) attempt(number);
    }
  }

  void tell_lost(const Line& line) {
    show(fmt::format("* not delivered to {}: {}", room_->name_of(line.to), line.text));
  }

  /// For what the other side asks for again when it is missed.
  void send_once(const Id& to, const std::string& message) {
    service_.peer()->async_send(to, bytes(message), {}, [](std::error_code, const SendReport&) {});
  }

  void quit() {
    if (!room_) return context_.stop();
    // A second signal is not waited for.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    if (!quit_by_) quit_by_ = Clock::now() + quit_patience;
    if (under_way_.empty()) leave();
  }

  void leave() {
    // Nobody waits for the outcome: closing gives the last messages a moment.
    for (const Id& id : room_->people()) send_once(id, room_->encode("bye", ""));
    context_.stop();
  }

  static std::vector<std::uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

  std::string nickname_;
  NodeLog log_;
  boost::asio::io_context context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  std::optional<ChatRoom> room_;  // Since the node listens.
  std::map<Id, Greeting> greetings_;
  std::map<std::uint64_t, Line> under_way_;
  std::uint64_t next_line_ = 0;
  std::optional<Clock::time_point> quit_by_;
  std::error_code join_error_;
  int status_ = exit_good;
  NodeService service_;
  std::optional<LineInput> input_;
};

int run_chat(const NodeConfig& config, const std::string& nickname) {
  // Without a folder of its own a chat leaves nothing behind, and several may run beside each other.
  if (config.state.empty()) return Chat(config, fresh_identity(config), nullptr, nickname).run();
  StateStore store(state_folder(config));
  bool is_new = false;
  return Chat(config, load_identity(config, is_new), &store, nickname).run();
}

}  // namespace

int chat_command(const ClientOptions& options, const std::string& nickname) {
  NodeConfig config = options.config;
  if (!options.by_itself) {
    tool::complain("cicada-node chat: expected --join HOST:PORT, or --first to begin a chat\n");
    return exit_bad_input;
  }
  if (!nickname.empty() && !is_nickname(nickname)) {
    tool::complain("cicada-node chat: --nick: found '{}', expected 1 to 24 letters, digits, '-' or '_'\n", nickname);
    return exit_bad_input;
  }
  // Other programs' peers would not know what to do with greetings.
  if (config.swarm == NodeConfig().swarm) config.swarm = "chat";
  try {
    return run_chat(config, nickname);
  } catch (const std::system_error& error) {
    tool::complain("cicada-node chat: {}\n", error.what());
  } catch (const std::runtime_error& error) {
    tool::complain("cicada-node chat: {}\n", error.what());
  }
  return exit_bad_input;
}

}  // namespace cicada::node
