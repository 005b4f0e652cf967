// Damaged messages, the same ones on each run: nothing may crash, read outside its bounds, or be written in a
// form that we ourselves would not read again.
#include <gtest/gtest.h>

#include "base/random.h"
#include "message_samples.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"
#include "sip/message/replaces.h"
#include "sip/message/sdp_body.h"

namespace sidetone::sip {
namespace {

// As an allocation of its exact size, so that a sanitizer sees a read behind it.
void read_everything(const std::string& text) {
  const std::vector<char> exact(text.begin(), text.end());
  const std::string_view bytes(exact.data(), exact.size());
  const auto message = parse_message(bytes);
  if (!message) {
    EXPECT_GE(message.error().status, 400);
    if (message.error().answerable)
      EXPECT_FALSE(
          Message::response(*message.error().answerable, message.error().status, "", "t").to_bytes().empty());
    return;
  }
  for (const HeaderField& field : message->fields()) {
    static_cast<void>(Via::parse(field.value));
    static_cast<void>(AuthParams::parse(field.value));
    static_cast<void>(Replaces::parse(field.value));
    static_cast<void>(Reason::parse(field.value));
    if (const auto address = NameAddr::parse(field.value))
      EXPECT_TRUE(address->uri.equivalent(address->uri) || address->is_star);
  }
  if (const auto sdp = find_sdp(*message)) EXPECT_LE(sdp->size(), bytes.size());
  const auto again = parse_message(message->to_bytes());
  ASSERT_TRUE(again) << again.error().text << "\n" << message->to_bytes();
  EXPECT_EQ(again->body(), message->body());
  EXPECT_EQ(again->fields().size(),
            message->fields().size() + (message->has(HeaderId::content_length) ? 0 : 1));
}

std::vector<std::string> corpus() {
  return {
      test::invite_with_sdp(),
      test::options(
          "m:\"Q, \\\"\" <sip:j@example.com> ; np =\n v ;\n  s ; q = 0.3\nRoute: <sip:a;lr>,<sip:b>\n"),
      test::options(
          "c: multipart/mixed;boundary=b\nAuthorization: Digest a=\"b\", c=d\nReason: SIP;cause=2\n",
          "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--\r\n"),
      test::crlf("SIP/2.0 200 OK\nv: SIP/2.0/UDP [2001:db8::1]:5060;received=[::1],SIP/2.0/TCP h\n"
                 "f: sip:a@b;tag=1\nt: \"x\" <sips:%61:p@h:1;lr?a=b>;tag=2\ni: x\nCSeq: 1 INVITE\nl: 0\n\n")};
}

TEST(MutatedMessages, OneByteChanged) {
  constexpr std::string_view interesting(
      " \t\r\n\"\\<>,;:=@/[]?%*\0\x7F\xFF"
      "A0",
      24);
  for (const std::string& text : corpus())
    for (std::size_t i = 0; i < text.size(); ++i)
      for (const char c : interesting) {
        std::string changed = text;
        changed[i] = c;
        read_everything(changed);
      }
}

TEST(MutatedMessages, CutShort) {
  for (const std::string& text : corpus())
    for (std::size_t size = 0; size < text.size(); ++size) read_everything(text.substr(0, size));
}

TEST(MutatedMessages, ManyChanges) {
  SeededRandom random(20240607);
  const auto samples = corpus();
  for (int round = 0; round < 20000; ++round) {
    std::string text = samples[random.below(samples.size())];
    for (std::uint64_t changes = 1 + random.below(8); changes > 0 && !text.empty(); --changes) {
      const auto at = random.below(text.size());
      switch (random.below(4)) {
        case 0: text[at] = static_cast<char>(random.next()); break;
        case 1: text.erase(at, 1 + random.below(12)); break;
        case 2: text.insert(at, text.substr(random.below(text.size()), random.below(40))); break;
        default: text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      }
    }
    read_everything(text);
  }
}

TEST(MutatedMessages, StreamsToo) {
  SeededRandom random(7);
  const std::string stream = test::invite_with_sdp() + "\r\n\r\n" + test::options("l: 0\n");
  for (int round = 0; round < 5000; ++round) {
    std::string text = stream;
    for (int i = 0; i < 3; ++i) text[random.below(text.size())] = static_cast<char>(random.next());
    StreamFramer framer;
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = 1 + random.below(300);
      framer.append(std::string_view(text).substr(at, size));
      at += size;
      while (const auto next = framer.next()) {
        if (!*next) break;
        bytes += (*next)->size();
      }
    }
    EXPECT_LE(bytes, text.size());
  }
}

}  // namespace
}  // namespace sidetone::sip
