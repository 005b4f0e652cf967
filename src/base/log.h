// Log records are values that go through an injected sink; spdlog, files and clocks live in the engine.
// SIP messages are records, too: the log's trace and the ladder read the same ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/time.h"

namespace sidetone {

enum class LogLevel : std::uint8_t { fatal, error, warning, info, debug };
enum class LogTag : std::uint8_t { sip, reg, call, media, device, config, net, engine, lab };

[[nodiscard]] std::string_view to_string(LogLevel level);
[[nodiscard]] std::string_view to_string(LogTag tag);

struct LogRecord {
  Time time;
  LogLevel level = LogLevel::info;
  LogTag tag = LogTag::engine;
  std::uint64_t line = 0;  // the ids' values; 0: belongs to none
  std::uint64_t call = 0;
  std::string text;  // no secret can be in it: Secret<T> does not format
};

enum class SipDirection : std::uint8_t { in, out };

// One SIP message as it crossed a transport.
struct SipRecord {
  Time time;
  SipDirection direction = SipDirection::in;
  Address local;
  Address remote;
  std::string_view transport;  // "UDP", "TCP", "TLS": literals
  // Shared with the transport layer: a record costs no copy. Holds credentials: writers must redact.
  std::shared_ptr<const std::string> bytes;
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  [[nodiscard]] virtual bool wants(LogTag tag, LogLevel level) const = 0;
  virtual void write(LogRecord record) = 0;
  [[nodiscard]] virtual bool wants_sip() const { return false; }
  virtual void trace(SipRecord record) { static_cast<void>(record); }
};

// The sink of who wants none.
class NullSink final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return false; }
  void write(LogRecord) override {}
};

}  // namespace sidetone
