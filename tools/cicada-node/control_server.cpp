#include "control_server.hpp"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <deque>
#include <stdexcept>
#include <utility>

#include "durable_file.hpp"
#include "exit_status.hpp"

namespace cicada::node {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
constexpr std::size_t confirmation_bytes_max = 64;
constexpr std::size_t path_bytes_max = 107;  // What fits into sockaddr_un.

/// The kernel says who is at the other end. Root could read our memory anyway.
bool is_own_user(Protocol::socket& socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == geteuid() || who.uid == 0;
}

/// Removes the socket of a crashed daemon. Throws where a daemon answers, and where the path is anything but a socket.
void clear_the_way(asio::io_context& context, const std::filesystem::path& path) {
  if (path.string().size() > path_bytes_max) {
    throw std::runtime_error(fmt::format("{}: too long for a socket, at most {} bytes; choose another with `control`",
                                         path.string(), path_bytes_max));
  }
  if (path.has_parent_path()) tool::make_private_folder(path.parent_path());
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0 && errno == ENOENT) return;
  if (!S_ISSOCK(found.st_mode)) {
    throw std::runtime_error(
        fmt::format("{}: is there already and is not a socket; choose another with `control`", path.string()));
  }
  Protocol::socket probe(context);
  boost::system::error_code error;
  probe.connect(Protocol::endpoint(path.string()), error);
  if (!error) throw std::runtime_error(fmt::format("{}: another cicada-node answers there", path.string()));
  if (error == asio::error::connection_refused) unlink(path.c_str());
}

/// Device and inode of a file, which tell whether a path still leads to the same one.
std::optional<std::pair<dev_t, ino_t>> file_at(const std::filesystem::path& path) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) return std::nullopt;
  return std::pair(found.st_dev, found.st_ino);
}

}  // namespace

/// One connection. Requests are handled one at a time; the socket is read all along, because its end is how we learn
/// that nobody waits for an answer any more.
class ControlServer::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(ControlServer& server, Protocol::socket socket) : server_(&server), socket_(std::move(socket)) {}

  void read() {
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, line_bytes_max), '\n',
                           [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                             self->on_read(error, size);
                           });
  }

  void close() {
    server_ = nullptr;
    if (caller_) caller_->go();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void on_read(const boost::system::error_code& error, std::size_t size) {
    if (server_ == nullptr) return;
    if (error || waiting_.size() == waiting_max) return end();
    std::string line = input_.substr(0, size);
    input_.erase(0, size);
    if (caller_ && is_confirmation(line)) {
      caller_->take();
    } else {
      waiting_.push_back(std::move(line));
      if (!caller_) next();
    }
    if (server_ != nullptr) read();
  }

  /// Said while a request is being answered, and no request by itself.
  static bool is_confirmation(std::string_view line) {
    if (line.size() > confirmation_bytes_max) return false;
    const auto said = nlohmann::json::parse(line, nullptr, false);
    return said.is_object() && said.contains("op") && said["op"] == "taken";
  }

  void next() {
    if (waiting_.empty()) return;
    const std::string line = std::move(waiting_.front());
    waiting_.pop_front();
    caller_ = std::make_shared<Caller>();
    caller_->reply = [self = weak_from_this()](const nlohmann::json& reply, std::function<void()> written) {
      if (const auto session = self.lock()) session->write(reply, std::move(written));
    };
    const auto request = nlohmann::json::parse(line, nullptr, false);
    if (request.is_discarded()) return caller_->fail(exit_bad_input, "the request is not JSON");
    server_->handle_(caller_, request);
  }

  /// One reply is under way at a time: whoever gives several waits for `written` in between.
  void write(const nlohmann::json& reply, std::function<void()> written) {
    if (server_ == nullptr) return;
    output_ = reply.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const bool is_last = reply.value("done", true);
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this(), is_last, written = std::move(written)](
                          const boost::system::error_code& error, std::size_t) {
                        if (self->server_ == nullptr) return;
                        if (error) return self->end();
                        if (!is_last) return written();
                        self->caller_.reset();
                        self->next();
                      });
  }

  void end() {
    ControlServer* server = server_;
    const auto self = shared_from_this();
    close();
    server->sessions_.erase(self);
  }

  ControlServer* server_;  // Null when it is over.
  Protocol::socket socket_;
  std::string input_;
  std::string output_;
  std::deque<std::string> waiting_;
  std::shared_ptr<Caller> caller_;  // Of the request that is being answered.
};

ControlServer::ControlServer(asio::io_context& context, std::filesystem::path path, Handle handle, const NodeLog& log)
    : path_(std::move(path)), handle_(std::move(handle)), log_(log), acceptor_(context), pause_(context) {
  clear_the_way(context, path_);
  // The mode is right from the first moment, not only after a chmod.
  const mode_t before = umask(0177);
  boost::system::error_code error;
  acceptor_.open(Protocol(), error);
  if (!error) acceptor_.bind(Protocol::endpoint(path_.string()), error);
  umask(before);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) throw std::system_error(error, path_.string() + ": cannot listen");
  socket_file_ = file_at(path_);
  accept();
}

ControlServer::~ControlServer() {
  for (const auto& session : sessions_) session->close();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  // Another file may stand there by now.
  if (socket_file_ && file_at(path_) == socket_file_) unlink(path_.c_str());
}

void ControlServer::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Protocol::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) return pause(error);
    is_short_ = false;
    if (!is_own_user(socket)) {
      log_.warning("control connection of another user refused");
    } else if (sessions_.size() >= clients_max) {
      log_.warning("control connection refused", {{"why", "too many"}});
    } else {
      const auto session = std::make_shared<Session>(*this, std::move(socket));
      sessions_.insert(session);
      session->read();
    }
    accept();
  });
}

/// The connection stays in the queue, so that an accept at once would fail again.
void ControlServer::pause(const boost::system::error_code& error) {
  if (!std::exchange(is_short_, true)) {
    log_.warning("control connections wait", {{"why", error.message()}, {"retry_ms", accept_pause.count()}});
  }
  pause_.expires_after(accept_pause);
  pause_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) accept();
  });
}

}  // namespace cicada::node
