#include "engine/log_format.h"

#include <fmt/format.h>

#include <algorithm>

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

std::string lead_in(const LogStamp& stamp, LogLevel level, LogTag tag, const LogNameBook::Name& name) {
  auto out = fmt::format("{}|{}|{} {:<6} ", stamp.time, stamp.thread, mark(level), to_string(tag));
  if (name.line) out += fmt::format("line={} ", *name.line);
  if (name.call != 0) out += fmt::format("call={} ", name.call);
  return out;
}

}  // namespace

std::string on_one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
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
  return out;
}

std::string format_record(const LogRecord& record, const LogStamp& stamp) {
  const auto start = lead_in(stamp, record.level, record.tag, {record.line, record.call});
  if (record.tag != LogTag::report) return start + on_one_line(record.text);
  std::string out;
  for (std::string_view rest = record.text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (!out.empty()) out += '\n';
    out += start + on_one_line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string sip_text(const SipRecord& record, RedactionRules rules) {
  const std::string_view bytes = record.bytes ? std::string_view(*record.bytes) : std::string_view{};
  return fmt::format("{} {} {} {} {} bytes\n{}", record.transport, record.local.to_string(),
                     record.direction == SipDirection::out ? ">>>>>" : "<<<<<", record.remote.to_string(),
                     bytes.size(), redacted(bytes, rules));
}

std::string format_sip(const SipRecord& record, const LogStamp& stamp, LogNameBook::Name name,
                       RedactionRules rules) {
  auto out = lead_in(stamp, LogLevel::info, LogTag::sip, name) + sip_text(record, rules);
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

}  // namespace sidetone::engine
