/** The shared secret of Postmark in the service under test: ESP_POSTMARK_SHARED_SECRETS. */
export const espSecret = 'a secret of Postmark';
