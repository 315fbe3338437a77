import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The sign-up route is that of ../express.
const proxy = { '/signup': process.env['SIGNUP_URL'] ?? 'http://127.0.0.1:3000' };

export default defineConfig({ plugins: [react()], server: { proxy }, preview: { proxy } });
