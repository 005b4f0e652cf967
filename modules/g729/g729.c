/* G.729 with annexes A and B by bcg729, behind the interface of media/g729_abi.h. */
#include "media/g729_abi.h"

#include <bcg729/decoder.h>
#include <bcg729/encoder.h>

/* The library's channels are what we hand out: one cast each way, nothing of our own to keep. */
static bcg729EncoderChannelContextStruct* in_library(struct sidetone_g729_encoder* encoder) {
  return (bcg729EncoderChannelContextStruct*)encoder;
}
static bcg729DecoderChannelContextStruct* decoder_in_library(struct sidetone_g729_decoder* decoder) {
  return (bcg729DecoderChannelContextStruct*)decoder;
}

static struct sidetone_g729_encoder* open_encoder(int annex_b) {
  return (struct sidetone_g729_encoder*)initBcg729EncoderChannel(annex_b != 0);
}

static uint8_t encode(struct sidetone_g729_encoder* encoder, const int16_t* samples, uint8_t* bytes) {
  uint8_t size = 0;
  bcg729Encoder(in_library(encoder), samples, bytes, &size);
  return size;
}

static void close_encoder(struct sidetone_g729_encoder* encoder) {
  closeBcg729EncoderChannel(in_library(encoder));
}

static struct sidetone_g729_decoder* open_decoder(void) {
  return (struct sidetone_g729_decoder*)initBcg729DecoderChannel();
}

static void decode(struct sidetone_g729_decoder* decoder, const uint8_t* bytes, uint8_t size,
                   int16_t* samples) {
  const uint8_t silence = size == sidetone_g729_silence_bytes;
  bcg729Decoder(decoder_in_library(decoder), bytes, size, 0, silence, 0, samples);
}

static void go_on(struct sidetone_g729_decoder* decoder, int16_t* samples) {
  bcg729Decoder(decoder_in_library(decoder), 0, 0, 1, 0, 0, samples);
}

static void close_decoder(struct sidetone_g729_decoder* decoder) {
  closeBcg729DecoderChannel(decoder_in_library(decoder));
}

__attribute__((visibility("default"))) const struct sidetone_g729* sidetone_g729_functions(void);
const struct sidetone_g729* sidetone_g729_functions(void) {
  static const struct sidetone_g729 functions = {
      SIDETONE_G729_ABI, open_encoder, encode, close_encoder, open_decoder, decode, go_on, close_decoder,
  };
  return &functions;
}
