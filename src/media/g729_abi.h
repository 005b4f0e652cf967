/* What the loadable G.729 module offers: plain C, no type of either side in it. The module is another work
 * under another licence (modules/g729/LICENSE.md); this header is all that the two share. */
#ifndef SIDETONE_G729_ABI_H
#define SIDETONE_G729_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rises when anything below changes its meaning: a module of another number is not used. */
#define SIDETONE_G729_ABI 1

enum { sidetone_g729_samples = 80, sidetone_g729_speech_bytes = 10, sidetone_g729_silence_bytes = 2 };

/* NOLINTBEGIN(modernize-use-using,readability-identifier-naming): C */
/* One direction of one call each; used by one thread. */
struct sidetone_g729_encoder;
struct sidetone_g729_decoder;

struct sidetone_g729 {
  uint32_t abi;
  /* annex_b: whether silence may be sent as such. Null when there is no memory. */
  struct sidetone_g729_encoder* (*open_encoder)(int annex_b);
  /* 80 samples at 8 kHz become 10 bytes (speech), 2 (silence description) or 0 (nothing to send). */
  uint8_t (*encode)(struct sidetone_g729_encoder* encoder, const int16_t* samples, uint8_t* bytes);
  void (*close_encoder)(struct sidetone_g729_encoder* encoder);

  struct sidetone_g729_decoder* (*open_decoder)(void);
  /* 10 bytes of speech, or 2 of a silence description; 80 samples. */
  void (*decode)(struct sidetone_g729_decoder* decoder, const uint8_t* bytes, uint8_t size, int16_t* samples);
  /* Nothing came: comfort noise goes on after a silence description, speech is concealed. */
  void (*go_on)(struct sidetone_g729_decoder* decoder, int16_t* samples);
  void (*close_decoder)(struct sidetone_g729_decoder* decoder);
};

/* The module's one visible name. */
typedef const struct sidetone_g729* (*sidetone_g729_entry)(void);
/* NOLINTEND(modernize-use-using,readability-identifier-naming) */
#define SIDETONE_G729_ENTRY "sidetone_g729_functions"

#ifdef __cplusplus
}
#endif
#endif
