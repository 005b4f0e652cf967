#include "engine/log_format.h"

#include <fmt/format.h>

namespace sidetone::engine {
namespace {

std::string_view mark(LogLevel level) {
  switch (level) {
    case LogLevel::fatal: return "!!!";
    case LogLevel::error: return "ERR";
    case LogLevel::warning: return "Wrn";
    case LogLevel::info: return "-i-";
    case LogLevel::debug: return "-d-";
  }
  return "???";
}

std::string lead_in(LogStamp stamp, LogLevel level, LogTag tag) {
  const auto ms = stamp.time_of_day.count();
  return fmt::format("{:02}:{:02}:{:02}.{:03}|{}|{} {:<6} ", ms / 3600000 % 24, ms / 60000 % 60,
                     ms / 1000 % 60, ms % 1000, stamp.thread, mark(level), to_string(tag));
}

void append_on_one_line(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if ((byte < 0x20 && c != '\t') || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
}

}  // namespace

std::string format_record(const LogRecord& record, LogStamp stamp) {
  auto out = lead_in(stamp, record.level, record.tag);
  if (record.line != 0) out += fmt::format("line={} ", record.line);
  if (record.call != 0) out += fmt::format("call={} ", record.call);
  append_on_one_line(out, record.text);
  return out;
}

std::string format_sip(const SipRecord& record, LogStamp stamp, RedactionRules rules) {
  auto out = lead_in(stamp, LogLevel::info, LogTag::sip);
  const std::string_view bytes = record.bytes ? std::string_view(*record.bytes) : std::string_view{};
  out += fmt::format("{} {} {} {} {} bytes\n", record.transport, record.local.to_string(),
                     record.direction == SipDirection::out ? ">>>>>" : "<<<<<", record.remote.to_string(),
                     bytes.size());
  out += redacted(bytes, rules);
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

}  // namespace sidetone::engine
