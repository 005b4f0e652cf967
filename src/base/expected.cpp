#include "base/expected.h"

#include <fmt/format.h>

namespace sidetone {

std::string_view to_string(Layer layer) {
  switch (layer) {
    case Layer::base: return "base";
    case Layer::sip: return "sip";
    case Layer::sdp: return "sdp";
    case Layer::rtp: return "rtp";
    case Layer::media: return "media";
    case Layer::device: return "device";
    case Layer::config: return "config";
    case Layer::net: return "net";
    case Layer::engine: return "engine";
    case Layer::lab: return "lab";
  }
  return "?";
}

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::syntax: return "syntax";
    case Fault::unsupported: return "unsupported";
    case Fault::limit: return "limit";
    case Fault::not_found: return "not found";
    case Fault::state: return "state";
    case Fault::range: return "range";
    case Fault::busy: return "busy";
    case Fault::unreachable: return "unreachable";
    case Fault::refused: return "refused";
    case Fault::timeout: return "timeout";
    case Fault::io: return "io";
  }
  return "?";
}

std::string describe(const Error& error) {
  if (error.remedy.empty()) return fmt::format("{}: {}", to_string(error.layer), error.text);
  return fmt::format("{}: {} ({})", to_string(error.layer), error.text, error.remedy);
}

}  // namespace sidetone
