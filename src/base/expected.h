// Errors that the outside world can cause are values. Our own faults are assertions (assert.h).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace sidetone {

// Which part of the house met the failure; log, window and connector show the same word.
enum class Layer { base, sip, sdp, rtp, media, device, config, net, engine, lab };

enum class Fault {
  syntax,       // bytes that the grammar does not allow
  unsupported,  // well formed, but nothing that we speak
  limit,        // a bound of ours was reached
  not_found,    // no such file, id, device, option
  state,        // not possible now
  range,        // a value outside the accepted ones
  busy,         // somebody else has it: a port, a device
  unreachable,  // the network did not get us there
  refused,      // the other side said no
  timeout,
  io,
};

// A failure that a person may see: what happened (`text`, one sentence that names the header, option or
// file) and what to do (`remedy`, may be empty).
struct Error {
  Fault fault = Fault::syntax;
  Layer layer = Layer::base;
  std::string text;
  std::string remedy;
};

template <typename T, typename E = Error>
using Expected = tl::expected<T, E>;

[[nodiscard]] inline tl::unexpected<Error> fail(Layer layer, Fault fault, std::string text,
                                                std::string remedy = {}) {
  return tl::make_unexpected(Error{fault, layer, std::move(text), std::move(remedy)});
}

[[nodiscard]] std::string_view to_string(Layer layer);
[[nodiscard]] std::string_view to_string(Fault fault);
// "layer: text (remedy)": the one way in which errors are printed.
[[nodiscard]] std::string describe(const Error& error);

}  // namespace sidetone
