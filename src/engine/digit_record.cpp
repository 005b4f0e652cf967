#include "engine/digit_record.h"

#include <fmt/format.h>

namespace sidetone::engine {
namespace {

std::string_view name_of(DtmfMethod method) {
  switch (method) {
    case DtmfMethod::rfc2833: return "Rfc2833";
    case DtmfMethod::info: return "Info";
    case DtmfMethod::inband_rtp: return "InbandRtp";
  }
  return "";
}

// The guide: "by replacing entered digits with 'x'".
std::string shown(std::string digits, bool hidden) {
  if (hidden) digits.assign(digits.size(), 'x');
  return digits;
}

}  // namespace

std::optional<LogRecord> digit_record(const Event& event, bool hide_digits, Time now) {
  LogRecord record;
  record.time = now;
  record.tag = LogTag::call;
  if (const auto* sent = std::get_if<DtmfSent>(&event)) {
    record.call = sent->call.value;
    record.text =
        fmt::format("digits sent by {}: {}", name_of(sent->method), shown(sent->digits, hide_digits));
  } else if (const auto* heard = std::get_if<DtmfReceived>(&event)) {
    record.call = heard->call.value;
    record.text = fmt::format("digit received by {}: {}, {} ms", name_of(heard->method),
                              shown(std::string(1, heard->digit), hide_digits), heard->duration.count());
  } else {
    return std::nullopt;
  }
  return record;
}

}  // namespace sidetone::engine
