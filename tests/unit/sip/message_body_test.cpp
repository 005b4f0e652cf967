// Multipart bodies (RFC 2046 §5.1, RFC 5621) and where the session description is.
#include <gtest/gtest.h>

#include "message_samples.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"
#include "sip/message/sdp_body.h"

namespace sidetone::sip {
namespace {

using test::crlf;

TEST(Multipart, SplitsPartsAndKeepsTheirBytes) {
  const std::string body =
      crlf(
          "preamble\n--b1\nContent-Type: text/plain\n\nHello\n\n--b1\nContent-Type:\n "
          "application/octet-stream\nContent-Disposition: attachment;\n handling=optional\n\n") +
      std::string("\0\x80--b1x\r\n", 9) + crlf("\n--b1--\nepilogue\n--b1\n");
  const auto parts = split_multipart("multipart/mixed;boundary=b1", body);
  ASSERT_TRUE(parts) << parts.error().text;
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].content_type, "text/plain");
  EXPECT_EQ((*parts)[0].body, "Hello\r\n");
  EXPECT_TRUE(is_media_type(TokenParams::parse((*parts)[1].content_type)->token, "application/octet-stream"));
  EXPECT_EQ(TokenParams::parse((*parts)[1].content_disposition)->params.get("handling"), "optional");
  EXPECT_EQ((*parts)[1].body, std::string_view("\0\x80--b1x\r\n", 9));
}

TEST(Multipart, ToleratesAMissingEndAndEmptyParts) {
  const auto open = split_multipart("multipart/mixed;boundary=\"x y\"", "--x y\r\n\r\nbody");
  ASSERT_TRUE(open);
  EXPECT_EQ(open->at(0).body, "body");
  const auto empty = split_multipart("multipart/mixed;boundary=b", "--b\r\n--b\r\n\r\n\r\n--b--");
  ASSERT_TRUE(empty);
  ASSERT_EQ(empty->size(), 2U);
  EXPECT_EQ(empty->at(0).body, "");
  EXPECT_EQ(empty->at(1).body, "");
  EXPECT_TRUE(split_multipart("multipart/mixed;boundary=b", "--b"));
}

TEST(Multipart, HasBounds) {
  const std::string sixteen = test::repeat("--b\r\n\r\nx\r\n", 16);
  EXPECT_TRUE(split_multipart("multipart/mixed;boundary=b", sixteen + "--b--"));
  EXPECT_EQ(split_multipart("multipart/mixed;boundary=b", sixteen + "--b\r\n\r\nx\r\n--b--").error().fault,
            Fault::limit);
  EXPECT_FALSE(split_multipart("multipart/mixed", "--b\r\n"));
  EXPECT_FALSE(split_multipart("multipart/mixed;boundary=" + std::string(71, 'b'), "x"));
  EXPECT_FALSE(split_multipart("text/plain;boundary=b", "--b\r\n"));
  EXPECT_FALSE(split_multipart("multipart/mixed;boundary=b", "nothing"));
  EXPECT_FALSE(split_multipart("multipart/mixed;boundary=b", ""));
}

Message with_body(std::string_view fields, const std::string& body) {
  auto message = parse_message(test::options(fields, body));
  EXPECT_TRUE(message);
  return std::move(*message);
}

TEST(SdpBody, IsFoundWhereverItMayBe) {
  EXPECT_EQ(find_sdp(with_body("", "")).value(), "");
  EXPECT_EQ(find_sdp(with_body("c: Application/SDP;charset=utf-8\n", "v=0\r\n")).value(), "v=0\r\n");
  EXPECT_EQ(find_sdp(with_body("", "v=0\r\n")).value(), "v=0\r\n");
  const std::string mixed =
      crlf("--b\nContent-Type: application/isup\n\nx\n--b\nContent-Type: application/sdp\n\nv=0\n\n--b--\n");
  EXPECT_EQ(find_sdp(with_body("c: multipart/mixed;boundary=b\n", mixed)).value(), "v=0\r\n");
}

TEST(SdpBody, OtherBodiesAreRefusedUnlessOptional) {  // RFC 3261 §20.11, §21.4.13
  const auto fault = [](std::string_view fields, const std::string& body) {
    const auto sdp = find_sdp(with_body(fields, body));
    return sdp ? std::string(*sdp).append("ok") : std::string(to_string(sdp.error().fault));
  };
  EXPECT_EQ(fault("c: application/unknownformat\n", "x"), "unsupported");
  EXPECT_EQ(fault("c: application/unknownformat\nContent-Disposition: x;handling=optional\n", "x"), "ok");
  EXPECT_EQ(fault("c: application/sdp\ne: gzip\n", "x"), "unsupported");
  EXPECT_EQ(fault("c: multipart/mixed;boundary=b\n", crlf("--b\nContent-Type: a/b\n\nx\n--b--")),
            "unsupported");
  EXPECT_EQ(fault("c: multipart/mixed;boundary=b\n",
                  crlf("--b\nContent-Type: a/b\nContent-Disposition: x;handling=optional\n\nx\n--b--")),
            "ok");
  EXPECT_EQ(fault("c: multipart/mixed;boundary=b\n", "nothing"), "syntax");
}

}  // namespace
}  // namespace sidetone::sip
