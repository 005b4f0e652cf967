// The small typed values; Via, addresses, authentication and multipart bodies have files of their own.
#include "sip/message/headers.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

tl::unexpected<Error> bad(std::string_view header, std::string_view wrong) {
  return fail(Layer::sip, Fault::syntax, fmt::format("{} {}", header, wrong));
}

// Cuts the next word off `text`, which is trimmed in front.
std::string_view take_word(std::string_view& text) {
  const char* begin = chars::skip_lws(text.data(), text.data() + text.size());
  const char* end = text.data() + text.size();
  const char* at = begin;
  while (at != end && !chars::is(*at, chars::lws)) ++at;
  const auto word = chars::between(begin, at);
  text = chars::between(chars::skip_lws(at, end), end);
  return word;
}

// What stands before the first ';', trimmed; the parameters are checked and given to `params`.
Complaint split_params(std::string_view value, std::string_view& front, ParamList& params) {
  const char* begin = value.data();
  const char* end = begin + value.size();
  const char* at = begin;
  while (at != end && *at != ';') ++at;
  front = trim(chars::between(begin, at));
  if (front.empty()) return "is empty";
  return read_params(at, end, begin, params);
}

std::optional<std::uint32_t> number_param(const ParamList& params, std::string_view name) {
  return parse_number<std::uint32_t>(params.get(name));
}

}  // namespace

Complaint read_cseq(std::string_view value, CSeq& cseq) {
  const char* end = value.data() + value.size();
  const char* at = chars::skip_lws(value.data(), end);
  const Digits digits = read_digits(at, end, cseq.number);
  if (digits == Digits::none || at == end || !chars::is(*at, chars::lws))
    return "is not a number and a method";
  if (cseq.number >= 0x80000000U) return "has a number of 2^31 or more";  // §8.1.1.5
  at = chars::skip_lws(at, end);
  const char* method = at;
  at = chars::skip(at, end, chars::token);
  if (at == method || chars::skip_lws(at, end) != end) return "is not a number and a method";
  cseq.method_name = chars::between(method, at);
  cseq.method = find_method(cseq.method_name);
  return nullptr;
}

Expected<CSeq> CSeq::parse(std::string_view value) {
  CSeq cseq;
  if (const Complaint wrong = read_cseq(value, cseq)) return bad("CSeq", wrong);
  return cseq;
}

Expected<RAck> RAck::parse(std::string_view value) {
  const auto rseq = parse_number<std::uint32_t>(take_word(value));
  const auto cseq = parse_number<std::uint32_t>(take_word(value));
  const auto method = take_word(value);
  if (!rseq || !cseq || !chars::is_token(method) || !value.empty())
    return bad("RAck", "is not two numbers and a method");
  return RAck{*rseq, *cseq, find_method(method)};
}

Complaint read_session_expires(std::string_view value, SessionExpires& session_expires) {
  const char* end = value.data() + value.size();
  const char* at = chars::skip_lws(value.data(), end);
  std::uint32_t seconds = 0;
  if (read_digits(at, end, seconds) != Digits::fit) return "is not a number of seconds";
  ParamList params;
  if (const Complaint wrong = read_params(at, end, value.data(), params)) return wrong;
  session_expires.interval = std::chrono::seconds(seconds);
  session_expires.refresher = params.get("refresher");
  return nullptr;
}

Expected<SessionExpires> SessionExpires::parse(std::string_view value) {
  Expected<SessionExpires> session_expires;
  if (const Complaint wrong = read_session_expires(value, *session_expires))
    session_expires = bad("Session-Expires", wrong);
  return session_expires;
}

Expected<SubscriptionState> SubscriptionState::parse(std::string_view value) {
  SubscriptionState state;
  ParamList params;
  if (const Complaint wrong = split_params(value, state.state, params))
    return bad("Subscription-State", wrong);
  if (!chars::is_token(state.state)) return bad("Subscription-State", "does not begin with a token");
  state.reason = params.get("reason");
  state.expires_s = number_param(params, "expires");
  state.retry_after_s = number_param(params, "retry-after");
  return state;
}

Expected<Reason> Reason::parse(std::string_view value) {
  Reason reason;
  ParamList params;
  if (const Complaint wrong = split_params(value, reason.protocol, params)) return bad("Reason", wrong);
  if (!chars::is_token(reason.protocol)) return bad("Reason", "does not begin with a token");
  reason.cause = parse_number<std::uint16_t>(params.get("cause"));
  reason.text = params.get("text");
  return reason;
}

Complaint read_token_params(std::string_view value, TokenParams& token_params) {
  const char* end = value.data() + value.size();
  const char* at = chars::skip_lws(value.data(), end);
  const char* begin = at;
  at = chars::skip_word(at, end, begin, chars::token);
  if (at == begin) return "does not begin with a token";
  const char* last = at;
  at = chars::skip_lws(at, end);
  if (at != end && *at == '/') {
    const char* subtype = at = chars::skip_lws(at + 1, end);
    at = chars::skip_word(at, end, begin, chars::token);
    if (at == subtype) return "has nothing behind its '/'";
    last = at;
  }
  token_params.token = chars::between(begin, last);
  return read_params(at, end, value.data(), token_params.params);
}

Expected<TokenParams> TokenParams::parse(std::string_view value) {
  Expected<TokenParams> token_params;
  if (const Complaint wrong = read_token_params(value, *token_params)) token_params = bad("the value", wrong);
  return token_params;
}

Digits read_digits(const char*& at, const char* end, std::uint32_t& number) {
  const char* begin = at;
  std::uint64_t value = 0;
  bool fits = true;
  for (; at != end; ++at) {
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
    if (digit > 9) break;
    value = value * 10 + digit;
    if (value > 0xffffffffU) {
      fits = false;
      value = 0xffffffffU;
    }
  }
  number = static_cast<std::uint32_t>(value);
  if (at == begin) return Digits::none;
  return fits ? Digits::fit : Digits::too_large;
}

Complaint read_delta(std::string_view value, std::uint32_t& number, bool& too_large) {
  const char* end = value.data() + value.size();
  const char* at = chars::skip_lws(value.data(), end);
  const Digits digits = read_digits(at, end, number);
  at = chars::skip_lws(at, end);
  // Behind the number only parameters or a comment may follow (Retry-After, §20.33).
  if (digits == Digits::none || (at != end && *at != ';' && *at != '(')) return "is not a number";
  too_large = digits == Digits::too_large;
  return too_large ? "is larger than 2^32-1" : nullptr;
}

Expected<std::uint32_t> parse_delta(std::string_view value, std::string_view header) {
  std::uint32_t number = 0;
  bool too_large = false;
  const Complaint wrong = read_delta(value, number, too_large);
  if (wrong == nullptr) return number;
  return fail(Layer::sip, too_large ? Fault::range : Fault::syntax, fmt::format("{} {}", header, wrong));
}

bool is_media_type(std::string_view token, std::string_view wanted) {
  const auto slash = token.find('/');
  const auto wanted_slash = wanted.find('/');
  if (slash == std::string_view::npos) return false;
  return iequals(trim(token.substr(0, slash)), wanted.substr(0, wanted_slash)) &&
         (wanted.substr(wanted_slash + 1) == "*" ||
          iequals(trim(token.substr(slash + 1)), wanted.substr(wanted_slash + 1)));
}

}  // namespace sidetone::sip
