#include "sip/message/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>

#include "base/scan.h"
#include "base/text.h"
#include "sip/message/block.h"
#include "sip/message/chars.h"
#include "sip/message/headers.h"
#include "sip/message/read.h"
#include "sip/message/replaces.h"
#include "sip/message/start_line.h"

namespace sidetone::sip {
namespace {

constexpr auto header_count = static_cast<std::size_t>(HeaderId::count_);
using HeaderSet = std::array<bool, header_count>;

template <std::size_t size>
constexpr HeaderSet make_set(const HeaderId (&ids)[size]) {
  HeaderSet set{};
  for (const HeaderId id : ids) set[static_cast<std::size_t>(id)] = true;
  return set;
}

// Two of these contradict each other (RFC 3261 §7.3.1; RFC 4475 §3.3.8, §3.3.9).
constexpr HeaderSet singles = make_set({HeaderId::call_id,
                                        HeaderId::content_disposition,
                                        HeaderId::content_length,
                                        HeaderId::content_type,
                                        HeaderId::cseq,
                                        HeaderId::event,
                                        HeaderId::expires,
                                        HeaderId::from,
                                        HeaderId::join,
                                        HeaderId::max_forwards,
                                        HeaderId::min_expires,
                                        HeaderId::min_se,
                                        HeaderId::rack,
                                        HeaderId::refer_to,
                                        HeaderId::referred_by,
                                        HeaderId::replaces,
                                        HeaderId::rseq,
                                        HeaderId::session_expires,
                                        HeaderId::sip_etag,
                                        HeaderId::sip_if_match,
                                        HeaderId::subscription_state,
                                        HeaderId::target_dialog,
                                        HeaderId::to});

// Those that check() looks into, and the singles: the others are only noted.
constexpr HeaderSet noted_only = [] {
  HeaderSet set{};
  for (std::size_t i = 0; i < header_count; ++i) set[i] = !singles[i];
  for (const HeaderId id : {HeaderId::via, HeaderId::contact, HeaderId::route, HeaderId::record_route})
    set[static_cast<std::size_t>(id)] = false;
  return set;
}();

// An empty element of one of these is a fault (RFC 4475 §3.1.2.1); elsewhere it is skipped.
constexpr bool needs_elements(HeaderId id) {
  return id == HeaderId::via || id == HeaderId::contact || id == HeaderId::route ||
         id == HeaderId::record_route;
}

Complaint check_number(std::string_view value) {
  const char* at = value.data();
  const char* end = at + value.size();
  std::uint32_t number = 0;
  return read_digits(at, end, number) == Digits::none || at != end ? "is not a number" : nullptr;
}

// §25.1 callid; the characters are not looked into further, since nothing but equality hangs on them.
Complaint check_call_id(std::string_view value) {
  if (value.empty()) return "is empty";
  for (const char c : value)
    if (chars::is(c, chars::lws | chars::control)) return "holds white space or control characters";
  return nullptr;
}

// The next comma outside of quotes and angle brackets, or `end`.
const char* find_element_end(const char* at, const char* end, const char* begin) {
  bool in_brackets = false;
  while (true) {
    at = scan::skip_to_separator(at, end, begin);
    if (at == end || (*at == ',' && !in_brackets)) return at;
    if (*at == '<') in_brackets = true;
    if (*at == '>') in_brackets = false;
    if (*at == '"' && !in_brackets) {
      at = chars::find_closing_quote(at + 1, end);
      if (at == nullptr) return end;
    }
    ++at;
  }
}

template <typename Typed>
Complaint check_as(std::string_view value, Complaint wrong) {
  return Typed::parse(value) ? nullptr : wrong;
}

}  // namespace

class MessageParser {
 public:
  explicit MessageParser(std::string_view bytes);
  tl::expected<Message, ParseError> run();

 private:
  struct Wrong {
    int status = 0;  // 0: nothing
    std::string_view header;
    Complaint text = nullptr;
  };

  void complain(std::string_view header, Complaint text, int status = 400) {
    if (wrong_.status == 0) wrong_ = {status, header, text};
  }
  char* find_line_end(char* at, char*& next);
  char* judge_line_end(char* line_end);
  void read_start();
  void read_headers();
  char* unfold(char* value, char* end, char*& next);
  void read_header();
  void take_elements(HeaderId id, std::string_view name, std::string_view value);
  void take_field(HeaderId id, std::string_view name, std::string_view value);
  Complaint check(HeaderId id, std::string_view& value);
  Complaint check_via(std::string_view& value);
  Complaint check_content_length(std::string_view value);
  Complaint check_contact(std::string_view value);
  void check_whole();
  void take_body();
  [[nodiscard]] bool is_answerable() const;
  tl::unexpected<ParseError> failure();

  Message message_;
  char* at_ = nullptr;
  char* end_ = nullptr;  // a sentinel CR stands here
  Wrong wrong_;
  std::bitset<header_count> seen_;
  CSeq cseq_;
  NameAddr name_addr_;
  std::optional<std::size_t> content_length_;
  bool line_has_comma_ = false;
  bool vias_sound_ = true;
  bool stop_ = false;
};

// The text is copied once, with a CR and room to read on behind it, so that scanners need no bounds.
MessageParser::MessageParser(std::string_view bytes) {
  constexpr std::size_t sentinel = 32;
  constexpr std::size_t edit_room = 256;  // received=, a tag, a Via: most edits need no second block
  message_.block_ = Message::Block::make(bytes.size() + sentinel + edit_room);
  at_ = message_.block_->take(bytes.size() + sentinel);
  end_ = at_ + bytes.size();
  if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
  std::memset(end_, 0, sentinel);
  *end_ = '\r';
  message_.fields_.reserve(std::min<std::size_t>(bytes.size() / 40 + 8, 64));
}

// The end of the line's text; `next` is the next line's begin.
inline char* MessageParser::find_line_end(char* at, char*& next) {
  const scan::LineEnd found = scan::find_line_end(at);
  line_has_comma_ = found.has_comma;
  char* line_end = at + (found.at - at);
  next = line_end + 2;
  // The sentinel is a CR without LF, so that it is seen here without a test of its own.
  if (line_end[0] != '\r' || line_end[1] != '\n') next = judge_line_end(line_end);
  return line_end;
}

// A CR that ends no line is a fault: what it means would depend on the reader. Returns the next line's begin.
char* MessageParser::judge_line_end(char* line_end) {
  if (line_end >= end_) {
    complain("body", "is missing: the message ends within its headers");
    return end_;
  }
  if (*line_end == '\r') complain("start line", "or a header holds a CR without LF");
  return line_end + 1;
}

void MessageParser::read_start() {
  while (at_ < end_ && (*at_ == '\r' || *at_ == '\n')) ++at_;  // §7.5
  char* next = nullptr;
  const char* line_end = find_line_end(at_, next);
  StartLine start;
  const Complaint wrong = read_start_line(chars::between(at_, line_end), start);
  if (wrong != nullptr) {
    wrong_ = {start.version_unknown ? 505 : 400, "start line", wrong};
    if (start.is_response) message_.status_ = 600;  // whatever it is, it is not answered
  } else {
    message_.status_ = start.status;
  }
  message_.reason_ = start.reason;
  message_.uri_ = start.uri;
  message_.method_name_ = start.method_name;
  message_.method_ = find_method(start.method_name);
  at_ = next;
}

void MessageParser::read_headers() {
  while (!stop_) {
    if (at_ >= end_) {
      complain("body", "is missing: the message ends within its headers");
      return;
    }
    if (*at_ == '\n') {
      ++at_;
      return;
    }
    if (*at_ == '\r' && at_[1] == '\n') {
      at_ += 2;
      return;
    }
    read_header();
  }
}

void MessageParser::read_header() {
  char* name = at_;
  char* colon = name + (scan::find_colon(name) - name);
  char* name_end = colon;
  while (name_end != name && (name_end[-1] == ' ' || name_end[-1] == '\t')) --name_end;
  const auto name_text = chars::between(name, name_end);
  const HeaderId id = find_header_in_block(name_text);
  // Known names are tokens by nature.
  const bool sound = *colon == ':' && (id != HeaderId::other || chars::is_token(name_text));

  char* value = sound ? colon + 1 : name;
  while (*value == ' ' || *value == '\t') ++value;
  char* next = nullptr;
  char* value_end = find_line_end(value, next);
  if (*next == ' ' || *next == '\t') value_end = unfold(value, value_end, next);
  while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
  at_ = next;
  if (!sound)
    complain("start line", "or a header line is none: there is no name and colon");
  else if (line_has_comma_ && is_list_header(id))
    take_elements(id, name_text, chars::between(value, value_end));
  else
    take_field(id, name_text, chars::between(value, value_end));
}

// Joins folded lines with one space each, in place (RFC 3261 §7.3.1). Returns the value's new end.
char* MessageParser::unfold(char* value, char* end, char*& next) {
  bool has_comma = line_has_comma_;
  while (next < end_ && (*next == ' ' || *next == '\t')) {
    while (end != value && (end[-1] == ' ' || end[-1] == '\t')) --end;
    char* more = next;
    while (*more == ' ' || *more == '\t') ++more;
    const char* more_end = find_line_end(more, next);
    has_comma |= line_has_comma_;
    if (more_end == more) continue;
    if (end != value) *end++ = ' ';
    const auto size = static_cast<std::size_t>(more_end - more);
    std::memmove(end, more, size);
    end += size;
  }
  line_has_comma_ = has_comma;
  return end;
}

// Splits at commas outside of quotes and angle brackets.
void MessageParser::take_elements(HeaderId id, std::string_view name, std::string_view value) {
  const char* at = value.data();
  const char* end = at + value.size();
  while (true) {
    const char* begin = at = chars::skip_lws(at, end);
    at = find_element_end(at, end, value.data());
    const char* last = at;
    while (last != begin && chars::is(last[-1], chars::lws)) --last;
    if (last != begin || needs_elements(id)) take_field(id, name, chars::between(begin, last));
    if (at == end || stop_) return;
    ++at;
  }
}

void MessageParser::take_field(HeaderId id, std::string_view name, std::string_view value) {
  if (message_.fields_.size() == header_fields_max) {
    complain(canonical_name(id), "is one of too many header fields", 513);
    stop_ = true;
    return;
  }
  const auto index = static_cast<std::size_t>(id);
  if (!noted_only[index]) {
    if (singles[index] && seen_[index]) return complain(canonical_name(id), "is there more than once");
    if (const Complaint wrong = check(id, value)) complain(canonical_name(id), wrong);
    seen_[index] = true;
  }
  message_.fields_.push_back({id, name, value});
}

Complaint MessageParser::check(HeaderId id, std::string_view& value) {
  switch (id) {
    case HeaderId::via: return check_via(value);
    case HeaderId::contact: return check_contact(value);
    case HeaderId::from:
    case HeaderId::to:
    case HeaderId::route:
    case HeaderId::record_route:
    case HeaderId::refer_to:
      if (const Complaint wrong = read_name_addr(value, name_addr_)) return wrong;
      return name_addr_.is_star ? "has neither a URI nor a proper display name" : nullptr;
    case HeaderId::cseq: return read_cseq(value, cseq_);
    case HeaderId::call_id: return check_call_id(value);
    case HeaderId::content_length: return check_content_length(value);
    case HeaderId::max_forwards:
    case HeaderId::rseq: return check_number(value);
    case HeaderId::content_type:
    case HeaderId::event: {
      TokenParams typed;
      return read_token_params(value, typed);
    }
    case HeaderId::min_se: {
      std::uint32_t seconds = 0;
      bool too_large = false;
      return read_delta(value, seconds, too_large);
    }
    case HeaderId::rack: return check_as<RAck>(value, "is not two numbers and a method");
    case HeaderId::replaces: return check_as<Replaces>(value, "is not a Call-ID and two tags");
    case HeaderId::join: return check_as<Join>(value, "is not a Call-ID and two tags");
    case HeaderId::session_expires: {
      SessionExpires typed;
      return read_session_expires(value, typed);
    }
    case HeaderId::subscription_state:
      return check_as<SubscriptionState>(value, "is not a state with parameters");
    default: return nullptr;
  }
}

// A Via whose parameters are broken is cut behind the last sound one: enough to send a response back.
Complaint MessageParser::check_via(std::string_view& value) {
  Via via;
  const Complaint wrong = read_via(value, via);
  if (wrong == nullptr) return nullptr;
  if (via.host.empty()) {
    if (!seen_[static_cast<std::size_t>(HeaderId::via)]) vias_sound_ = false;
  } else {
    const auto sound = via.params.empty() ? via.host : via.params.text();
    value = chars::between(value.data(), sound.data() + sound.size());
  }
  return wrong;
}

Complaint MessageParser::check_contact(std::string_view value) { return read_name_addr(value, name_addr_); }

Complaint MessageParser::check_content_length(std::string_view value) {
  const char* at = value.data();
  const char* end = at + value.size();
  std::uint32_t length = 0;
  const Digits digits = read_digits(at, end, length);
  if (digits == Digits::none || at != end) return "is not a number";
  if (digits == Digits::too_large || length > message_bytes_max) return "is larger than any message";
  content_length_ = length;
  return nullptr;
}

// What cannot be said of one field alone (RFC 3261 §8.1.1, §8.2).
void MessageParser::check_whole() {
  for (const HeaderId id : {HeaderId::via, HeaderId::from, HeaderId::to, HeaderId::call_id, HeaderId::cseq})
    if (!seen_[static_cast<std::size_t>(id)]) complain(canonical_name(id), "is missing");
  if (wrong_.status != 0) return;
  if (!message_.is_request()) {
    message_.method_ = cseq_.method;
    message_.method_name_ = cseq_.method_name;
  } else if (cseq_.method_name != message_.method_name_) {
    // RFC 4475 §3.1.2.18: for a method that we do not know, 501 tells the sender more.
    complain("CSeq", "names another method than the request", message_.method_ == Method::other ? 501 : 400);
  }
}

void MessageParser::take_body() {
  const auto rest = static_cast<std::size_t>(end_ - std::min(at_, end_));
  if (content_length_ && *content_length_ > rest)
    return complain("Content-Length", "is larger than the body that came");  // RFC 4475 §3.1.2.2
  message_.body_ = std::string_view(at_, content_length_.value_or(rest));
}

bool MessageParser::is_answerable() const {
  if (!message_.is_request() || message_.method_name_.empty() || message_.method_ == Method::ack)
    return false;
  for (const HeaderId id : {HeaderId::via, HeaderId::from, HeaderId::to, HeaderId::call_id})
    if (message_.value(id).empty()) return false;
  // A number that is too large may go back as it came; a CSeq without method matches nothing (§17.1.3).
  const auto cseq = message_.value(HeaderId::cseq);
  const char* end = cseq.data() + cseq.size();
  const char* digits_end = chars::skip(cseq.data(), end, chars::digit);
  return vias_sound_ && digits_end != cseq.data() && digits_end != end && chars::is(*digits_end, chars::lws);
}

tl::unexpected<ParseError> MessageParser::failure() {
  ParseError error;
  error.status = wrong_.status;
  error.header = wrong_.header.empty() ? std::string_view("header") : wrong_.header;
  error.text = fmt::format("{} {}", error.header, wrong_.text);
  if (is_answerable()) error.answerable = std::move(message_);
  return tl::make_unexpected(std::move(error));
}

tl::expected<Message, ParseError> MessageParser::run() {
  read_start();
  read_headers();
  check_whole();
  take_body();
  if (wrong_.status != 0) return failure();
  return std::move(message_);
}

tl::expected<Message, ParseError> parse_message(std::string_view bytes) {
  if (bytes.size() > message_bytes_max) {
    ParseError error;
    error.status = 513;
    error.header = "body";
    error.text = "the message is larger than 65,535 bytes";
    return tl::make_unexpected(std::move(error));
  }
  return MessageParser(bytes).run();
}

}  // namespace sidetone::sip
