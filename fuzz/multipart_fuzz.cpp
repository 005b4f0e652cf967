// First line: a Content-Type; the rest: the body. Parts lie inside the body, one behind the other, and are
// few; a message that carries it gives a description from inside it or none.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "script.h"
#include "sip/message/headers.h"
#include "sip/message/sdp_body.h"

using namespace sidetone;
using namespace sidetone::sip;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  const auto type = script.line();
  const auto body = script.rest();
  if (const auto parts = split_multipart(type, body)) {
    ST_ASSERT(!parts->empty() && parts->size() <= 16);
    const char* end_of_last = body.data();
    for (const auto& part : *parts) {
      if (part.body.empty()) continue;
      ST_ASSERT(part.body.data() >= end_of_last);
      end_of_last = part.body.data() + part.body.size();
      ST_ASSERT(end_of_last <= body.data() + body.size());
    }
  }
  if (body.empty() || body.size() > 60000 || type.size() > 1000) return 0;
  auto message = Message::request(Method::invite, "sip:a@example.com");
  message.set_body(body, type);
  if (const auto sdp = find_sdp(message)) ST_ASSERT(sdp->size() <= message.body().size());
  return 0;
}
