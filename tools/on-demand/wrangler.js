#!/usr/bin/env node
import { runTool } from './install.js';

await runTool('workers', 'wrangler/bin/wrangler.js');
