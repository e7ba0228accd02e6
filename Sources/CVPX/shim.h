// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_VPX_H
#define CVESTIBULE_VPX_H

#include <stddef.h>
#include <stdint.h>

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

// libvpx's init functions are macros and its control function is variadic: Swift sees neither.

static inline vpx_codec_err_t vestibule_vp8_encoder_defaults(vpx_codec_enc_cfg_t *configuration) {
    return vpx_codec_enc_config_default(vpx_codec_vp8_cx(), configuration, 0);
}

static inline vpx_codec_err_t vestibule_vp8_encoder_open(
    vpx_codec_ctx_t *context, const vpx_codec_enc_cfg_t *configuration
) {
    return vpx_codec_enc_init(context, vpx_codec_vp8_cx(), configuration, 0);
}

static inline vpx_codec_err_t vestibule_vp8_set_cpu_used(vpx_codec_ctx_t *context, int value) {
    return vpx_codec_control(context, VP8E_SET_CPUUSED, value);
}

static inline vpx_codec_err_t vestibule_vp8_set_static_threshold(
    vpx_codec_ctx_t *context, unsigned int value
) {
    return vpx_codec_control(context, VP8E_SET_STATIC_THRESHOLD, value);
}

// Most bits of a key frame, in percent of an average frame's; 0 for no bound.
static inline vpx_codec_err_t vestibule_vp8_set_most_intra(
    vpx_codec_ctx_t *context, unsigned int percent
) {
    return vpx_codec_control(context, VP8E_SET_MAX_INTRA_BITRATE_PCT, percent);
}

// The planes are tightly packed I420 and are only read, and only until this returns.
static inline vpx_codec_err_t vestibule_vp8_encode(
    vpx_codec_ctx_t *context, const uint8_t *y, const uint8_t *u, const uint8_t *v,
    unsigned int width, unsigned int height, int64_t time, unsigned long duration, int key
) {
    vpx_image_t image;
    if (!vpx_img_wrap(&image, VPX_IMG_FMT_I420, width, height, 1, (unsigned char *)y)) {
        return VPX_CODEC_INVALID_PARAM;
    }
    int chroma = (int)((width + 1) / 2);
    image.planes[VPX_PLANE_U] = (unsigned char *)u;
    image.planes[VPX_PLANE_V] = (unsigned char *)v;
    image.stride[VPX_PLANE_Y] = (int)width;
    image.stride[VPX_PLANE_U] = chroma;
    image.stride[VPX_PLANE_V] = chroma;
    return vpx_codec_encode(
        context, &image, time, duration, key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
}

static inline vpx_codec_err_t vestibule_vp8_decoder_open(vpx_codec_ctx_t *context) {
    vpx_codec_dec_cfg_t configuration = {.threads = 1};
    return vpx_codec_dec_init(context, vpx_codec_vp8_dx(), &configuration, 0);
}

#endif
