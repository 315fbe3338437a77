#!/usr/bin/env node
import { runTool } from './install.js';

await runTool('biome', '@biomejs/biome/bin/biome');
