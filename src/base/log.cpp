#include "base/log.h"

namespace sidetone {

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::fatal: return "fatal";
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "?";
}

std::string_view to_string(LogTag tag) {
  switch (tag) {
    case LogTag::sip: return "sip";
    case LogTag::reg: return "reg";
    case LogTag::call: return "call";
    case LogTag::media: return "media";
    case LogTag::device: return "device";
    case LogTag::config: return "config";
    case LogTag::net: return "net";
    case LogTag::engine: return "engine";
    case LogTag::lab: return "lab";
    case LogTag::report: return "report";
  }
  return "?";
}

}  // namespace sidetone
