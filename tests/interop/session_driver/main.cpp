// session-driver ['{"settings": ...}']: commands as JSON lines in, what came of them and the stack's events
// as JSON lines out; the end of the input is its end. Commands are in session_driver.h, their fields in
// session_commands.cpp and event_commands.cpp, events in event_json.cpp.
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <exception>
#include <iostream>

#include "engine/log_sink.h"
#include "session_driver.h"

namespace sidetone::interop {
namespace {

class Input {
 public:
  Input(boost::asio::io_context& io, SessionDriver& driver)
      : io_(io), descriptor_(io, ::dup(STDIN_FILENO)), driver_(driver) {}

  void read() {
    boost::asio::async_read_until(descriptor_, buffer_, '\n',
                                  [this](boost::system::error_code error, std::size_t) { take(error); });
  }

 private:
  void take(boost::system::error_code error) {
    if (error) return io_.stop();
    std::string line;
    std::istream stream(&buffer_);
    std::getline(stream, line);
    driver_.carry_out(line);
    read();
  }

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::streambuf buffer_;
  SessionDriver& driver_;
};

void print(const boost::json::object& event) {
  const auto text = boost::json::serialize(event) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int run(std::string_view settings_text) {
  auto settings = settings_from(boost::json::parse(settings_text).as_object());
  const engine::SteadyTime clock;
  const auto log = engine::open_log({.file = settings.log.empty() ? "stderr" : settings.log,
                                     .detail = engine::LogDetail::up_to(LogLevel::debug)},
                                    clock);
  if (!log) {
    std::fprintf(stderr, "%s\n", describe(log.error()).c_str());
    return 1;
  }
  boost::asio::io_context io(1);
  SessionDriver driver(io, std::move(settings), **log, clock, [&](const boost::json::object& event) {
    (*log)->flush();  // whoever reads the event finds in the log what led to it
    print(event);
  });
  if (const auto started = driver.start(); !started) {
    std::fprintf(stderr, "%s\n", describe(started.error()).c_str());
    return 1;
  }
  Input input(io, driver);
  input.read();
  io.run();
  return 0;
}

}  // namespace
}  // namespace sidetone::interop

int main(int count, char** arguments) {
  try {
    return sidetone::interop::run(count > 1 ? arguments[1] : "{}");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "session-driver: %s\n", error.what());
    return 2;
  }
}
