#include "sip/message/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/text.h"
#include "sip/message/block.h"
#include "sip/message/headers.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

constexpr std::size_t first_block_bytes = 1024;

char* put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

// Values may come from a person or a desktop: none of them can begin a header line of its own.
void forbid_line_breaks(char* text, std::size_t size) {
  for (char* at = text; at != text + size; ++at)
    if (*at == '\r' || *at == '\n') *at = ' ';
}

bool makes_dialog(Method method) {
  return method == Method::invite || method == Method::subscribe || method == Method::refer;
}

}  // namespace

Message::Message() = default;
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(Message&&) noexcept = default;
Message::~Message() = default;

Message::Message(const Message& other) : status_(other.status_), method_(other.method_) {
  std::size_t bytes =
      other.uri_.size() + other.reason_.size() + other.method_name_.size() + other.body_.size();
  for (const HeaderField& field : other.fields_) bytes += field.name.size() + field.value.size() + 4;
  block_ = Block::make(bytes + first_block_bytes / 4);
  method_name_ = method_ == Method::other ? keep(other.method_name_) : to_string(method_);
  uri_ = keep(other.uri_);
  reason_ = keep(other.reason_);
  fields_.reserve(other.fields_.size() + 4);
  for (const HeaderField& field : other.fields_)
    fields_.push_back(keep_line(field.id, field.name, field.value));
  body_ = keep(other.body_);
}

Message& Message::operator=(const Message& other) {
  if (this != &other) *this = Message(other);
  return *this;
}

Message Message::request(Method method, std::string_view uri) { return request(to_string(method), uri); }

Message Message::request(std::string_view method_name, std::string_view uri) {
  Message message;
  message.fields_.reserve(24);
  message.method_ = find_method(method_name);
  message.method_name_ =
      message.method_ == Method::other ? message.keep(method_name) : to_string(message.method_);
  message.set_request_uri(uri);
  return message;
}

Message Message::response(const Message& request, int status, std::string_view reason,
                          std::string_view to_tag) {
  ST_ASSERT(status >= 100 && status <= 699);
  Message message;
  message.fields_.reserve(24);
  message.status_ = status;
  message.method_ = request.method_;
  message.method_name_ =
      request.method_ == Method::other ? message.keep(request.method_name_) : to_string(request.method_);
  message.reason_ = reason.empty() ? reason_phrase(status) : message.keep(reason);

  NameAddr to;
  const bool to_is_sound = read_name_addr(request.value(HeaderId::to), to) == nullptr;
  const bool tagged = to_is_sound && to.params.has("tag");
  const bool routes = status > 100 && status < 300 && makes_dialog(request.method_) && !tagged;
  for (const HeaderField& field : request.fields_) {
    switch (field.id) {
      case HeaderId::record_route:
        if (!routes) break;
        [[fallthrough]];
      case HeaderId::via:
      case HeaderId::from:
      case HeaderId::call_id:
      case HeaderId::cseq: message.add(field.id, field.value); break;
      case HeaderId::timestamp:
        if (status == 100) message.add(field.id, field.value);
        break;
      case HeaderId::to:
        // A To that could not be read goes back as it came: a tag behind it might end up inside a string.
        if (status == 100 || tagged || !to_is_sound || to_tag.empty())
          message.add(field.id, field.value);
        else
          message.add(field.id, fmt::format("{};tag={}", field.value, to_tag));
        break;
      default: break;
    }
  }
  return message;
}

char* Message::reserve_text(std::size_t bytes) {
  if (block_) {
    if (char* text = block_->take(bytes)) return text;
  }
  const std::size_t capacity = std::max(bytes, block_ ? 2 * block_->capacity() : first_block_bytes);
  block_ = Block::make(capacity, std::move(block_));
  return block_->take(bytes);
}

std::string_view Message::keep(std::string_view text) {
  if (text.empty()) return {};
  char* copy = reserve_text(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

// Kept in its wire form, "Name: value" CRLF, so that write() can copy whole lines.
HeaderField Message::keep_line(HeaderId id, std::string_view name, std::string_view value) {
  char* line = reserve_text(name.size() + value.size() + 4);
  char* value_at = put(put(line, name), ": ");
  char* end = put(value_at, value);
  forbid_line_breaks(line, static_cast<std::size_t>(end - line));
  put(end, "\r\n");
  return {id, {line, name.size()}, {value_at, value.size()}};
}

void Message::set_request_uri(std::string_view uri) {
  char* copy = reserve_text(uri.size());
  put(copy, uri);
  forbid_line_breaks(copy, uri.size());
  uri_ = {copy, uri.size()};
}

void Message::set_body(std::string_view body, std::string_view content_type) {
  remove(HeaderId::content_length);  // written anew
  if (body.empty()) {
    remove(HeaderId::content_type);
    body_ = {};
    return;
  }
  const std::string_view kept = keep(body);
  set(HeaderId::content_type, content_type);
  body_ = kept;
}

}  // namespace sidetone::sip
