// RFC 3261 §18.3 (messages by Content-Length), RFC 5626 §4.4.1 (CRLF keep-alives).
#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/parser.h"

namespace sidetone::sip {
namespace {

// The field's text from behind the colon, folded lines included; `head` moves behind it.
std::string_view take_folded_value(std::string_view& head) {
  const char* begin = head.data();
  const char* end = begin;
  do {
    const std::string_view line = take_until(head, '\n');
    end = line.data() + line.size();
  } while (!head.empty() && (head.front() == ' ' || head.front() == '\t'));
  return trim({begin, static_cast<std::size_t>(end - begin)});
}

// A stream has no other mark for a message's end, so a missing, doubled or senseless length ends it
// (RFC 3261 §18.3, RFC 4475 §3.1.2.3, §3.3.9). `head` begins with the start line.
Expected<std::size_t> content_length(std::string_view head) {
  std::optional<std::uint32_t> length;
  static_cast<void>(take_until(head, '\n'));
  while (!head.empty()) {
    const auto colon = head.find_first_of(":\n");
    if (colon == std::string_view::npos) break;
    const std::string_view name = trim(head.substr(0, colon));
    const bool is_field = head[colon] == ':';
    head.remove_prefix(is_field ? colon : colon + 1);
    if (!is_field) continue;
    head.remove_prefix(1);
    const bool is_length = find_header(name) == HeaderId::content_length;
    if (head.empty()) break;
    const std::string_view value = take_folded_value(head);
    if (!is_length) continue;
    if (length) return fail(Layer::sip, Fault::syntax, "Content-Length is there more than once");
    length = parse_number<std::uint32_t>(value);
    if (!length) return fail(Layer::sip, Fault::syntax, "Content-Length is not a number");
  }
  if (!length) return fail(Layer::sip, Fault::syntax, "Content-Length is missing in a message on a stream");
  return *length;
}

}  // namespace

void StreamFramer::append(std::string_view bytes) {
  if (broken_) return;
  // What has been handed out is dropped when it is the larger part, so that each byte moves once on average.
  if (begin_ > 0 && begin_ * 2 >= buffer_.size()) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(bytes);
}

void StreamFramer::take_keep_alives() {
  while (begin_ < buffer_.size()) {
    std::size_t length = 0;
    if (buffer_[begin_] == '\n')
      length = 1;
    else if (buffer_[begin_] == '\r' && begin_ + 1 < buffer_.size() && buffer_[begin_ + 1] == '\n')
      length = 2;
    if (length == 0) break;
    begin_ += length;
    ++breaks_seen_;
    if (++breaks_in_row_ % 2 == 0) ++pings_seen_;
  }
  if (scanned_ < begin_) scanned_ = begin_;
}

// Moves scanned_ on to the empty line; true when it was found, scanned_ is then behind it.
bool StreamFramer::find_head_end() {
  while (true) {
    const auto line_break = buffer_.find('\n', scanned_);
    if (line_break == std::string::npos) {
      scanned_ = buffer_.size();
      return false;
    }
    scanned_ = line_break;
    std::size_t next = line_break + 1;
    if (next < buffer_.size() && buffer_[next] == '\r') ++next;
    if (next >= buffer_.size()) return false;  // to be looked at again with the next bytes
    scanned_ = next;
    if (buffer_[next] != '\n') continue;
    ++scanned_;
    return true;
  }
}

tl::unexpected<Error> StreamFramer::give_up(Fault fault, std::string text) {
  broken_ = true;
  buffer_.clear();
  buffer_.shrink_to_fit();
  begin_ = scanned_ = 0;
  return fail(Layer::sip, fault, std::move(text));
}

std::optional<Expected<std::string>> StreamFramer::next() {
  if (broken_) return std::nullopt;
  if (message_bytes_ == 0) {
    take_keep_alives();
    const bool complete = find_head_end();
    if (scanned_ - begin_ > message_bytes_max || (!complete && buffer_.size() - begin_ > message_bytes_max))
      return give_up(Fault::limit, "a message on a stream is larger than 65,535 bytes");
    if (!complete) return std::nullopt;
    const std::size_t head_bytes = scanned_ - begin_;
    const auto length = content_length(std::string_view(buffer_).substr(begin_, head_bytes));
    if (!length) return give_up(length.error().fault, length.error().text);
    if (*length > message_bytes_max - head_bytes)
      return give_up(Fault::limit, "a message on a stream is larger than 65,535 bytes");
    message_bytes_ = head_bytes + *length;
  }
  if (buffer_.size() - begin_ < message_bytes_) return std::nullopt;
  std::string message = buffer_.substr(begin_, message_bytes_);
  begin_ += message_bytes_;
  scanned_ = begin_;
  message_bytes_ = 0;
  breaks_in_row_ = 0;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = scanned_ = 0;
  }
  return message;
}

}  // namespace sidetone::sip
