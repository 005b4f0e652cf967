#include "sip/message/sdp_body.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

constexpr std::string_view sdp_type = "application/sdp";

bool is_type(std::string_view content_type, std::string_view wanted) {
  if (content_type == wanted) return true;  // nearly always
  const auto type = TokenParams::parse(content_type);
  return type && is_media_type(type->token, wanted);
}

// RFC 3261 §20.11: handling is "required" unless the sender says "optional".
bool is_optional(std::string_view disposition) {
  const auto value = TokenParams::parse(disposition);
  return value && iequals(value->params.get("handling"), "optional");
}

}  // namespace

bool may_be_answered_with_sdp(const Message& request) {
  if (!request.has(HeaderId::accept)) return true;
  for (const auto value : request.values(HeaderId::accept)) {
    const auto range = TokenParams::parse(value);
    if (!range) continue;
    if (is_media_type(range->token, sdp_type) || iequals(range->token, "application/*") ||
        range->token == "*/*")
      return true;
  }
  return false;
}

Expected<std::string_view> find_sdp(const Message& message) {
  if (message.body().empty()) return std::string_view{};
  const auto refuse = [&message](std::string_view what) -> Expected<std::string_view> {
    if (is_optional(message.value(HeaderId::content_disposition))) return std::string_view{};
    return fail(Layer::sip, Fault::unsupported, fmt::format("the body is {}", what),
                "send a session description as application/sdp");
  };
  if (const auto encoding = message.value(HeaderId::content_encoding);
      !encoding.empty() && !iequals(encoding, "identity"))
    return refuse("encoded in a way that is not spoken here");

  const std::string_view type = message.value(HeaderId::content_type);
  if (is_type(type, sdp_type)) return message.body();
  // RFC 3261 §7.4.1 demands a Content-Type; a body that can only be one thing is taken without.
  if (type.empty() && message.body().substr(0, 3) == "v=0") return message.body();
  if (!is_type(type, "multipart/*")) return refuse("of a type that is not spoken here");

  const auto parts = split_multipart(type, message.body());
  if (!parts) return tl::make_unexpected(parts.error());
  for (const BodyPart& part : *parts)
    if (is_type(part.content_type, sdp_type)) return part.body;
  for (const BodyPart& part : *parts)
    if (!is_optional(part.content_disposition)) return refuse("a multipart without session description");
  return std::string_view{};
}

}  // namespace sidetone::sip
