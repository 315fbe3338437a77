/// <reference types="vite/client" />

interface ImportMetaEnv {
  readonly VITE_PRESEND_URL: string;
  readonly VITE_PRESEND_KEY: string;
}
