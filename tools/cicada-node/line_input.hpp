#pragma once
/// Lines of standard input for a program whose thread is busy with an io_context. A thread of its own reads them, from
/// a terminal, a pipe or a file, and posts each to the context; the destructor ends it, also while nothing is typed.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <thread>

namespace cicada::node {

class LineInput {
 public:
  /// Both are called on the context's thread; `end` once, after the last line. Throws std::system_error.
  LineInput(boost::asio::io_context& context, std::function<void(const std::string&)> line, std::function<void()> end);
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;
  ~LineInput();

 private:
  void read_all();
  void take(std::string& text, bool is_last);

  boost::asio::io_context& context_;
  std::function<void(const std::string&)> line_;
  std::function<void()> end_;
  int wake_;  // Readable when the thread is to end.
  std::thread thread_;
};

}  // namespace cicada::node
