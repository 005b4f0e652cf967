// Any bytes as URIs (one a line) and as what else is read from them: equality is reflexive and symmetric,
// escapes come back as they went, the views stay inside the text.
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "script.h"
#include "sip/dialog/next_hop.h"
#include "sip/message/uri.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;
using fuzz::is_inside;

void check(const Uri& uri, std::string_view text) {
  for (const auto view : {uri.scheme_text, uri.user, uri.password, uri.host, uri.headers, uri.params.text()})
    ST_ASSERT(is_inside(view, text));
  ST_ASSERT(uri.equivalent(uri));
  static_cast<void>(uri.transport());
  static_cast<void>(uri.is_loose_route());
  auto cursor = uri.params.cursor();
  std::size_t params = 0;
  while (const auto param = cursor.next()) {
    ST_ASSERT(is_inside(param->first, text));
    ST_ASSERT(++params <= text.size());
  }
  const auto user = unescape(uri.user);
  ST_ASSERT(unescape(escape_user(user)) == user);
  if (const auto hop = next_hop_of(text)) ST_ASSERT(!hop->host.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  std::vector<Uri> uris;
  while (!script.done() && uris.size() < 8) {
    const auto text = script.line();
    const auto uri = Uri::parse(text);
    if (!uri) continue;
    check(*uri, text);
    // What was accepted is accepted again from a copy, as the same.
    const std::string copy(uri->text);
    const auto again = Uri::parse(copy);
    ST_ASSERT(again && again->equivalent(*uri));
    uris.push_back(*uri);
  }
  for (const auto& one : uris)
    for (const auto& other : uris) ST_ASSERT(one.equivalent(other) == other.equivalent(one));
  return 0;
}
