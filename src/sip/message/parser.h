// Bytes to Message. Never asserts on input, never reads past it; the result is a message or the first
// thing that is wrong with it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sip/message/message.h"

namespace sidetone::sip {

struct ParseError {
  int status = 400;         // the response that fits, where one is possible (RFC 3261 §8.2, §21.4.1, §21.5.6)
  std::string_view header;  // literal: the first bad header's name, or "start line", "body"
  std::string text;         // one sentence
  // The message as far as it could be read, when Via, From, To, Call-ID and CSeq were good enough to send
  // `status` back; the transaction layer then answers statelessly.
  std::optional<Message> answerable;
};

// One datagram. Bytes beyond Content-Length are ignored (RFC 3261 §18.3); too few are an error.
// Checks, in all messages: the five mandatory headers once and well formed, CSeq's method against the
// request's, Content-Length, each typed header that the core acts upon.
[[nodiscard]] tl::expected<Message, ParseError> parse_message(std::string_view bytes);

// The same for a stream (RFC 3261 §18.3): bytes go in as they come, messages come out by Content-Length.
// CRLF keep-alives are taken out (RFC 5626 §4.4.1) and counted.
class StreamFramer {
 public:
  void append(std::string_view bytes);
  // Nothing yet (nullopt), a whole message's bytes, or an error after which the stream cannot go on.
  // Call it until it gives nothing.
  [[nodiscard]] std::optional<Expected<std::string>> next();
  // Bytes wait for the rest of their message.
  [[nodiscard]] bool is_in_message() const { return begin_ < buffer_.size(); }
  // After an error: nothing any more.
  [[nodiscard]] std::size_t pings_seen() const { return pings_seen_; }  // CRLFCRLF: to be answered by CRLF
  [[nodiscard]] std::size_t breaks_seen() const {
    return breaks_seen_;
  }  // CRLF: the answer to a ping of ours

 private:
  void take_keep_alives();
  bool find_head_end();
  tl::unexpected<Error> give_up(Fault fault, std::string text);

  std::string buffer_;
  std::size_t begin_ = 0;          // of the message that is being collected
  std::size_t scanned_ = 0;        // no end of head lies before this place, so nothing is searched twice
  std::size_t message_bytes_ = 0;  // 0: the head is not complete
  std::size_t breaks_in_row_ = 0;  // CRLFs seen since the last message
  std::size_t pings_seen_ = 0, breaks_seen_ = 0;
  bool broken_ = false;
};

}  // namespace sidetone::sip
